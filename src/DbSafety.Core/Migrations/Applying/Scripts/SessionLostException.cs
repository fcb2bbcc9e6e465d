namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The connection was lost, and what was sent last is committed: a new session can go on behind it.</summary>
internal sealed class SessionLostException(string message, Exception cause) : Exception(message, cause);
