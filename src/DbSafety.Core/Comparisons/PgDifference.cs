using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;

namespace DbSafety.Comparisons;

/// <summary>The differences of two databases, backups or fingerprints: what the second lost, gained or changed compared with the first.</summary>
public sealed record PgDifference
{
    /// <summary>What was compared with, such as <c>shop on db:5432</c> or a backup's name.</summary>
    public required string Reference { get; init; }

    /// <summary>What was compared.</summary>
    public required string Difference { get; init; }

    /// <summary>Nothing that could be compared differs.</summary>
    public bool Same => Changes.Count == 0;

    /// <summary>Tables that differ; those that do not are left out.</summary>
    public required IReadOnlyList<TableDifference> Tables { get; init; }

    public required IReadOnlyList<SequenceDifference> Sequences { get; init; }

    public required long ReferenceLargeObjects { get; init; }

    public required long DifferenceLargeObjects { get; init; }

    /// <summary>What single large objects differ in; of more than 10,000, what they differ in altogether.</summary>
    public IReadOnlyList<DefinitionDifference> LargeObjects { get; init; } = [];

    /// <summary>Properties of the database itself that differ, such as its comment, settings and connection limit; not its name.</summary>
    public IReadOnlyList<DefinitionDifference> DatabaseProperties { get; init; } = [];

    /// <summary>Whether the definitions differ; null where they cannot be compared.</summary>
    public required bool? DefinitionsDiffer { get; init; }

    /// <summary>What the definitions differ in; empty too where <see cref="DefinitionsDiffer"/> comes from hashes alone.</summary>
    public IReadOnlyList<DefinitionDifference> Definitions { get; init; } = [];

    /// <summary>Every table's rows were compared by checksum, not only by row count.</summary>
    public required bool ContentCompared { get; init; }

    /// <summary>Rows that the second has fewer, over all tables that have fewer.</summary>
    public long RowsLost => Tables.Sum(t => Math.Max(0, -t.RowsGained));

    /// <summary>Rows that the second has more, over all tables that have more.</summary>
    public long RowsGained => Tables.Sum(t => Math.Max(0, t.RowsGained));

    /// <summary>Every difference in words; empty when there is none.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>What could not be compared, and why.</summary>
    public required IReadOnlyList<string> NotCompared { get; init; }
}

/// <summary>How a table or sequence differs from the reference's.</summary>
public enum DifferenceKind
{
    /// <summary>It no longer exists.</summary>
    Missing,

    /// <summary>The reference does not have it.</summary>
    Added,

    /// <summary>It has fewer rows; a sequence is behind.</summary>
    Fewer,

    /// <summary>It has more rows; a sequence is ahead.</summary>
    More,

    /// <summary>It has the same row count, but different rows.</summary>
    Changed,
}

/// <summary>A table that differs. Rows and checksums are null where there is no such table.</summary>
public sealed record TableDifference(string Schema, string Name, DifferenceKind Kind)
{
    public long? ReferenceRows { get; init; }

    public long? DifferenceRows { get; init; }

    public string? ReferenceChecksum { get; init; }

    public string? DifferenceChecksum { get; init; }

    /// <summary>Negative: lost.</summary>
    public long RowsGained => (DifferenceRows ?? 0) - (ReferenceRows ?? 0);

    public override string ToString() => SqlName.Display(Schema, Name);
}

/// <summary>A sequence that differs; null where there is no such sequence.</summary>
public sealed record SequenceDifference(string Schema, string Name, DifferenceKind Kind)
{
    public SequenceValue? Reference { get; init; }

    public SequenceValue? Difference { get; init; }

    public override string ToString() => SqlName.Display(Schema, Name);
}
