using DbSafety.Backups.Sets;

namespace DbSafety.Backups.Last;

/// <summary>The newest backup of a database that is proven, and how long a recovery from its backups took.</summary>
public sealed record PgLastBackup
{
    public required string Database { get; init; }

    /// <summary>The server, as the manifest or the connection names it. Not called Server: by that name, a result on a pipeline would choose the server of the next command.</summary>
    public required string SourceServer { get; init; }

    /// <summary>The newest intact set of the entire database whose last test did not fail; null: none was found.</summary>
    public PgBackup? Backup { get; init; }

    /// <summary>The manifest of <see cref="Backup"/>.</summary>
    public string? Path => Backup?.Path;

    public DateTimeOffset? SnapshotTime => Backup?.SnapshotTime;

    /// <summary>Null: there is no backup, or its time is in the future.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>There is no backup, or it is older than the maximum age.</summary>
    public required bool IsStale { get; init; }

    public long? Rows => Backup?.Rows;

    /// <summary>When a set of this database was last restored on a temporary server and compared, according to the log of this user; null: never.</summary>
    public DateTimeOffset? LastDrill { get; init; }

    public TimeSpan? DrillDuration { get; init; }

    /// <summary>When a set of this database was last restored, according to the log of this user; null: never.</summary>
    public DateTimeOffset? LastRestore { get; init; }

    public TimeSpan? RestoreDuration { get; init; }

    /// <summary>What else is to be known, such as newer sets that do not count.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
