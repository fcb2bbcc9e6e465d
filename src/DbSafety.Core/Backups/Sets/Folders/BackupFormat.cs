namespace DbSafety.Backups.Sets.Folders;

/// <summary>How the payload is laid out; all three are pg_dump's own.</summary>
public enum BackupFormat
{
    /// <summary>One archive for pg_restore, compressed by us on all cores.</summary>
    Custom,

    /// <summary>One SQL script for psql, compressed by us on all cores.</summary>
    Plain,

    /// <summary>A folder for pg_restore, dumped and compressed by several pg_dump workers at once.</summary>
    Directory,
}
