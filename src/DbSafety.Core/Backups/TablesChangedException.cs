namespace DbSafety.Backups;

/// <summary>A table is no longer what the snapshot says of it, or cannot be locked before another session changes it: the backup starts again.</summary>
internal sealed class TablesChangedException(string what, Exception? cause = null) : Exception(what, cause);
