namespace DbSafety.Backups.Dumps;

/// <summary>A dump is incomplete, or its structure is invalid.</summary>
internal class DumpDamagedException(string message) : Exception(message);
