using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps;

/// <summary>The contents of a dump, counted from the dump itself.</summary>
public sealed record DumpCensus
{
    public required IReadOnlyList<TableCount> Tables { get; init; }

    public required IReadOnlyList<SequenceValue> Sequences { get; init; }

    public required long LargeObjects { get; init; }

    /// <summary>Owners of its objects.</summary>
    public required IReadOnlyList<string> Owners { get; init; }

    /// <summary>Objects whose definition contains a password.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>Bytes of the dump before compression.</summary>
    public required long Bytes { get; init; }

    /// <summary>A custom archive's tables by dump id, with where their data begins and ends in it; empty for other formats.</summary>
    internal IReadOnlyList<(int DumpId, long Start, long End)> Blocks { get; init; } = [];

    public long Rows => Tables.Sum(t => t.Rows);
}
