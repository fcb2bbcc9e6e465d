namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The connection was lost, and the last statement sent is committed: a new session can continue after it.</summary>
internal sealed class SessionLostException(string message, Exception cause) : Exception(message, cause);
