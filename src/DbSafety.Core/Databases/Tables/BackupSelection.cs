namespace DbSafety.Databases.Tables;

/// <summary>The part of a database to back up; empty: the entire database. Patterns are psql's, as in pg_dump.</summary>
public sealed record BackupSelection
{
    /// <summary>Only these tables, views and sequences (<c>pg_dump --table</c>).</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>All tables except these (<c>pg_dump --exclude-table</c>).</summary>
    public IReadOnlyList<string> ExcludeTables { get; init; } = [];

    /// <summary>Only these schemas (<c>pg_dump --schema</c>).</summary>
    public IReadOnlyList<string> Schemas { get; init; } = [];

    /// <summary>Definitions without data.</summary>
    public bool SchemaOnly { get; init; }

    /// <summary>Data without definitions.</summary>
    public bool DataOnly { get; init; }

    public bool IsEverything => NamesAll && !SchemaOnly && !DataOnly;

    internal bool NamesAll => Tables.Count == 0 && ExcludeTables.Count == 0 && Schemas.Count == 0;

    /// <summary>pg_dump omits large objects if tables or schemas are selected.</summary>
    internal bool HasLargeObjects => Tables.Count == 0 && Schemas.Count == 0 && !SchemaOnly;
}
