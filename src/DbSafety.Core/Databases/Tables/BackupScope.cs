namespace DbSafety.Databases.Tables;

/// <summary>The part of its database that a backup contains, and what it omits. A backup without a scope contains the entire database.</summary>
public sealed record BackupScope
{
    /// <summary>The specified patterns; empty: not specified.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    public IReadOnlyList<string> ExcludeTables { get; init; } = [];

    public IReadOnlyList<string> Schemas { get; init; } = [];

    public bool SchemaOnly { get; init; }

    public bool DataOnly { get; init; }

    /// <summary>Tables of the database whose rows are not in the set, by name.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>A description for messages: <c>tables orders, pro*; definitions only</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        Add("tables", Tables);
        Add("schemas", Schemas);
        Add("all except", ExcludeTables);
        if (SchemaOnly)
            parts.Add("definitions only");
        if (DataOnly)
            parts.Add("data only");
        return string.Join("; ", parts);

        void Add(string word, IReadOnlyList<string> patterns)
        {
            if (patterns.Count > 0)
                parts.Add($"{word} {string.Join(", ", patterns)}");
        }
    }
}
