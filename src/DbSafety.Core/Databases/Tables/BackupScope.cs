namespace DbSafety.Databases.Tables;

/// <summary>What part of its database a set holds, and what it leaves out. A set without one holds all of it.</summary>
public sealed record BackupScope
{
    /// <summary>The patterns that were given; empty: no such choice was made.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    public IReadOnlyList<string> ExcludeTables { get; init; } = [];

    public IReadOnlyList<string> Schemas { get; init; } = [];

    public bool SchemaOnly { get; init; }

    public bool DataOnly { get; init; }

    /// <summary>Tables of the database whose rows are not in the set, by name.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>In words, for people: <c>tables orders, pro*; definitions only</c>.</summary>
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
