namespace DbSafety.Backups.Sets.Folders;

/// <summary>The format of the payload; all three are formats of pg_dump.</summary>
public enum BackupFormat
{
    /// <summary>One archive for pg_restore, compressed by us on all cores.</summary>
    Custom,

    /// <summary>One SQL script for psql, compressed by us on all cores.</summary>
    Plain,

    /// <summary>A folder for pg_restore, dumped and compressed by several pg_dump workers at once.</summary>
    Directory,
}
