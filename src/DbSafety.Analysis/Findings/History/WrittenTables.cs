using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The tables, as the live database calls them, whose rows earlier statements of the set have written: the live rows of these, and of what they reach, are not what a statement meets.</summary>
/// <param name="Changed">Rows were updated.</param>
/// <param name="Removed">Rows were only deleted, or taken away with a partition.</param>
/// <param name="Filled">Rows were only added.</param>
/// <param name="IsUnseen">What was written is not all known.</param>
internal sealed record WrittenTables(IReadOnlyList<RelationName> Changed, IReadOnlyList<RelationName> Removed, IReadOnlyList<RelationName> Filled, bool IsUnseen)
{
    private const int Most = 1000;

    public static readonly WrittenTables None = new([], [], [], false);

    public static readonly WrittenTables Unseen = new([], [], [], true) { AreValuesUnseen = true };

    /// <summary>What was written is not known.</summary>
    public WrittenTables Lost() => Unseen with { Renamed = Renamed };

    /// <summary>Values of rows that were there may have changed, and where is not known.</summary>
    public bool AreValuesUnseen { get; private init; }

    /// <summary>Where values of rows that were there have changed.</summary>
    public IReadOnlyList<WrittenColumn> Columns { get; private init; } = [];

    /// <summary>Names of tables and views that mean others than in the live database: the set has created, replaced or renamed them, or their columns.</summary>
    public ImmutableHashSet<string> Renamed { get; private init; } = [];

    public bool IsNone => Changed.Count + Removed.Count + Filled.Count == 0 && !IsUnseen;

    /// <summary>Something else is changed with it, which is not followed; no values of rows that stay.</summary>
    public WrittenTables WithOthers() => this with { IsUnseen = true };

    /// <param name="columns">Those that an UPDATE assigns to; empty: it can be any.</param>
    public WrittenTables With(RelationName table, RowChangeKind kind, IReadOnlyList<string> columns)
    {
        var written = kind != RowChangeKind.Update ? this : With(columns.Count == 0 ? [new WrittenColumn(table, WrittenColumn.Any)] : columns.Select(c => new WrittenColumn(table, c)));
        var of = kind switch { RowChangeKind.Insert => Filled, RowChangeKind.Delete => Removed, _ => Changed };
        if (written.AreValuesUnseen || of.Contains(table))
            return written;
        if (Changed.Count + Removed.Count + Filled.Count >= Most)
            return Lost();
        return kind switch
        {
            RowChangeKind.Insert => written with { Filled = [.. of, table] },
            RowChangeKind.Delete => written with { Removed = [.. of, table] },
            _ => written with { Changed = [.. of, table] },
        };
    }

    public WrittenTables WithRenamed(params ReadOnlySpan<string> names)
    {
        var renamed = Renamed;
        foreach (var name in names)
            renamed = renamed.Add(name);
        return ReferenceEquals(renamed, Renamed) ? this : this with { Renamed = renamed };
    }

    /// <summary>A column whose values have changed is asked about by its new name too.</summary>
    public WrittenTables WithRenamedColumn(RelationName table, string column, string name) => Columns.Contains(new WrittenColumn(table, column)) ? With([new WrittenColumn(table, name)]) : this;

    /// <summary>Rows of other tables that were there have become rows of it.</summary>
    public WrittenTables Joined(RelationName table) => With([new WrittenColumn(table, null)]);

    private WrittenTables With(IEnumerable<WrittenColumn> columns)
    {
        var added = columns.Except(Columns).ToList();
        if (AreValuesUnseen || added.Count == 0)
            return this;
        return Columns.Count + added.Count > Most ? Lost() : this with { Columns = [.. Columns, .. added] };
    }
}

/// <summary>A column whose values have changed.</summary>
/// <param name="Column">Null: whole rows have come along, with ATTACH PARTITION or INHERIT.</param>
internal sealed record WrittenColumn(RelationName Table, string? Column)
{
    /// <summary>It can be each of them.</summary>
    public const string Any = "*";
}
