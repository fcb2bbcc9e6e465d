using System.Text.Json.Serialization;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Databases.Tables;

/// <summary>The rows of a table without those of its children and partitions, which are counted separately.</summary>
public sealed record TableCount(string Schema, string Name, long Rows)
{
    /// <summary>A hash over the rows, independent of their order: 32 hex digits; null if not requested.</summary>
    public string? Checksum { get; init; }

    /// <summary>The root of its partition tree; null if this is not a partition.</summary>
    public TableName? Root { get; init; }

    /// <summary>
    /// A dump loads its rows through <see cref="Root"/>, so a restored copy can have them in other partitions, and the rows are compared at the root. Null: it does not.
    /// </summary>
    public bool? LoadsByRoot { get; init; }

    /// <summary>The extension whose configuration table this is: only the rows that the extension marks for dumps are counted. Null for all other tables.</summary>
    public string? Extension { get; init; }

    public override string ToString() => SqlName.Display(Schema, Name);
}
