namespace DbSafety.Backups.Dumps;

/// <summary>A dump that is cut off or is not what its structure says.</summary>
internal class DumpDamagedException(string message) : Exception(message);
