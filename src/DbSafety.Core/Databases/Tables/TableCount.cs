using System.Text.Json.Serialization;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Databases.Tables;

/// <summary>Rows of one table, its own only: children and partitions are counted as themselves.</summary>
public sealed record TableCount(string Schema, string Name, long Rows)
{
    /// <summary>A hash over the rows, whatever their order: 32 hex digits; null where none was asked for.</summary>
    public string? Checksum { get; init; }

    /// <summary>The partitioned table at the top of its tree; null where this is no partition.</summary>
    public TableName? Root { get; init; }

    /// <summary>
    /// A dump loads its rows through <see cref="Root"/>, and a restored copy may have them in other partitions: the rows are compared by the root. Null: it does not.
    /// </summary>
    public bool? LoadsByRoot { get; init; }

    /// <summary>The extension whose configuration table this is: only the rows that it wants to be dumped are counted. Null for all other tables.</summary>
    public string? Extension { get; init; }

    public override string ToString() => SqlName.Display(Schema, Name);
}
