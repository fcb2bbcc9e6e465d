namespace DbSafety.Backups.Dumps;

/// <summary>A dump that is cut off or is not what its structure says.</summary>
internal sealed class DumpDamagedException(string message) : Exception(message);
