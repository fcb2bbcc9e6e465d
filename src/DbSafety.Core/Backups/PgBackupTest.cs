using DbSafety.Backups.Sets;

namespace DbSafety.Backups;

/// <summary>The result of a test of a set: offline, and by a drill if requested.</summary>
public sealed record PgBackupTest
{
    public required string Path { get; init; }

    /// <summary>The seal of the set's manifest; null: a dump of another tool, or the manifest cannot be read.</summary>
    internal string? Seal { get; init; }

    /// <summary>Every byte and every row count agrees with the manifest, and if it was drilled, it restores.</summary>
    public bool Passed => Problems.Count == 0;

    /// <summary><c>Intact</c>, <c>Foreign</c> (its structure is intact; no manifest exists to compare it with) or <c>Damaged</c>. A set that is not damaged and has problems is intact, but does not restore.</summary>
    public BackupState State { get; init; } = BackupState.Damaged;

    public required string Database { get; init; }

    public required DateTimeOffset SnapshotTime { get; init; }

    public required int Tables { get; init; }

    public required long Rows { get; init; }

    /// <summary>Bytes of all files but the manifest.</summary>
    public required long Bytes { get; init; }

    /// <summary>What is wrong, in words; empty when nothing is.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>What the set does not prove, by the nature of a dump.</summary>
    public IReadOnlyList<string> NotProven { get; init; } = [];

    public TimeSpan Duration { get; init; }

    /// <summary>The temporary server on which it was restored and compared with the manifest; null: it was only read.</summary>
    public string? DrilledOn { get; init; }

    /// <summary>How long the drill took, the server's start included.</summary>
    public TimeSpan? DrillDuration { get; init; }

    /// <summary>The notes of the drill's restore.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
