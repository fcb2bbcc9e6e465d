namespace DbSafety.Databases.Tables;

/// <summary>Which part of a database to back up; nothing said: all of it. Patterns are psql's, as pg_dump takes them.</summary>
public sealed record BackupSelection
{
    /// <summary>Only these tables, views and sequences (<c>pg_dump --table</c>).</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>All but these tables (<c>pg_dump --exclude-table</c>).</summary>
    public IReadOnlyList<string> ExcludeTables { get; init; } = [];

    /// <summary>Only these schemas (<c>pg_dump --schema</c>).</summary>
    public IReadOnlyList<string> Schemas { get; init; } = [];

    /// <summary>Definitions without rows.</summary>
    public bool SchemaOnly { get; init; }

    /// <summary>Rows without definitions.</summary>
    public bool DataOnly { get; init; }

    public bool IsEverything => NamesAll && !SchemaOnly && !DataOnly;

    internal bool NamesAll => Tables.Count == 0 && ExcludeTables.Count == 0 && Schemas.Count == 0;

    /// <summary>pg_dump leaves large objects out when it is told what to take.</summary>
    internal bool HasLargeObjects => Tables.Count == 0 && Schemas.Count == 0 && !SchemaOnly;
}
