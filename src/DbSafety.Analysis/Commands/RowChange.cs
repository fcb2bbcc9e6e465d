using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>What happens to rows.</summary>
internal enum RowChangeKind
{
    Insert,
    Update,
    Delete,
}

/// <summary>One INSERT, UPDATE or DELETE, wherever in a statement it stands: on its own, in a WITH, under EXPLAIN, in a COPY, as a branch of MERGE.</summary>
/// <param name="From">The table with its alias, for a query about the same rows; empty if the statement lists the rows itself.</param>
/// <param name="Where">From the word WHERE on; null if there is none.</param>
/// <param name="Joins">It reads other tables too (USING, FROM, MERGE).</param>
internal sealed record RowChange(RowChangeKind Kind, RelationName Table, string From, string? Where, bool Joins) : SqlNode
{
    /// <summary>What an UPDATE assigns to.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The columns that an INSERT lists; empty if it lists none, or may set one of them to its default.</summary>
    public IReadOnlyList<string> Listed { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> that are set to what can only be NULL.</summary>
    public IReadOnlyList<string> Nulled { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> that are set to their default, which is NULL where there is none.</summary>
    public IReadOnlyList<string> Defaulted { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> that are set to what cannot be NULL.</summary>
    public IReadOnlyList<string> NeverNull { get; init; } = [];

    /// <summary>How the statement's expressions call the table.</summary>
    public string Alias { get; init; } = Table.Name;

    /// <summary>What follows USING or the FROM of an UPDATE.</summary>
    public string? Others { get; init; }

    /// <summary>WITH and its queries, which the conditions may read.</summary>
    public string? With { get; init; }

    /// <summary>Which rows a MERGE chooses.</summary>
    public string? Chosen { get; init; }

    /// <summary>The condition is one that every row fits, such as <c>WHERE true</c>.</summary>
    public bool IsAlwaysTrue { get; init; }

    /// <summary>The rows cannot be chosen again by a query of its own.</summary>
    public bool IsUncountable { get; init; }

    /// <summary>Those of <see cref="Columns"/> whose old values can be derived from the new ones, or which only record when the row was changed.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> that get a value only where they have none.</summary>
    public IReadOnlyList<string> Filled { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> that are set to the value that they have.</summary>
    public IReadOnlyList<string> Same { get; init; } = [];

    /// <summary>Those of <see cref="Columns"/> whose new values can be compared with the old ones, and these values as SQL.</summary>
    public IReadOnlyList<(string Column, string Sql)> Computed { get; init; } = [];

    /// <summary>Those that do so if the value that takes the place of NULL converts none of the others to another type, and what is assigned.</summary>
    public IReadOnlyList<(string Column, string Sql)> Filling { get; init; } = [];

    /// <summary>The rows of an INSERT that may conflict; null: this is no part of one, or the statement does not show what conflicts.</summary>
    public ProposedRows? Proposed { get; init; }

    /// <summary>All of <see cref="Columns"/> are kept, or computed from other rows by a query and never NULL.</summary>
    public bool IsDerived { get; init; }

    /// <summary>The table behind it, where it changes the rows of a view that the same set creates.</summary>
    public ViewedRows? Behind { get; init; }

    /// <summary>The table whose rows are changed.</summary>
    public RelationName Stored => Behind?.Table ?? Table;

    /// <summary>What the table calls one of <see cref="Columns"/>.</summary>
    public string StoredColumn(string name) => Behind?.Column(name) ?? name;

    /// <summary>ONLY: rows of what inherits from it stay.</summary>
    public bool IsOnly => From.StartsWith("ONLY ", StringComparison.Ordinal);

    /// <summary>Every row of the table: neither a condition nor another table chooses.</summary>
    public bool IsAllRows => (Where is null || IsAlwaysTrue) && !Joins;

    /// <summary>Which rows are touched depends on more than the row itself.</summary>
    public bool ReadsOthers => Joins || With is not null || (Where ?? "").Contains("select", StringComparison.OrdinalIgnoreCase) || (Where ?? "").Contains("table", StringComparison.OrdinalIgnoreCase);

    /// <summary>What stands after FROM in a query that reads the rows which are touched; null if there is no such query.</summary>
    public string? Touched => IsUncountable || From.Length == 0 ? null : Predicate is { } predicate ? $"{From} WHERE {predicate}" : From;

    /// <summary>Everything that decides which rows are touched; null: nothing.</summary>
    public string? Chooses => Where is null && !Joins && With is null && Chosen is null ? null : $"{With} SELECT FROM {Others} {Where} {Chosen}";

    /// <summary>As <see cref="Touched"/>, of the rows in which at least one of these columns holds a value.</summary>
    public string? Losing(IReadOnlyCollection<string> columns)
    {
        if (Touched is not { } touched || columns.Count == 0)
            return Touched;
        // IS NOT NULL is false for a composite value with a null in it.
        var holds = string.Join(" OR ", columns.Select(c => $"{Column(c)} IS DISTINCT FROM NULL"));
        return Predicate is { } predicate ? $"{From} WHERE ({predicate}) AND ({holds})" : $"{touched} WHERE {holds}";
    }

    /// <summary>The same change of only those rows in which one of these columns gets another value; null if that cannot be asked.</summary>
    public RowChange? Changing(IReadOnlyCollection<string> columns)
    {
        if (Chosen is not null || From.Length == 0 || IsUncountable || columns.Count == 0 || columns.Except(Computed.Select(c => c.Column)).Any())
            return null;
        var changes = string.Join(" OR ", Computed.Where(c => columns.Contains(c.Column)).Select(c => Changes(c.Column, c.Sql)));
        return this with { Where = Where is null ? $"where {changes}" : $"where ({Where["where".Length..].Trim()}) AND ({changes})", IsAlwaysTrue = false };
    }

    /// <summary>
    /// Whether that value is another one, as they are stored: a type or a collation can take different values for equal. A JSON document that holds all keys and values of the old one overwrites nothing;
    /// containment does not compare the order of arrays.
    /// </summary>
    public string Changes(string column, string sql)
    {
        var (own, kept) = (Column(column), $"((pg_catalog.to_jsonb({sql})) -> dbsafety_pair.key)");
        return $$"""
            CASE WHEN pg_catalog.pg_typeof({{own}}) = 'pg_catalog.jsonb'::pg_catalog.regtype AND {{own}}::pg_catalog.text LIKE '{%' THEN EXISTS (SELECT FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb({{own}})) AS dbsafety_pair
                WHERE ({{kept}} = dbsafety_pair.value OR (dbsafety_pair.value::pg_catalog.text LIKE '{%' AND dbsafety_pair.value::pg_catalog.text NOT LIKE '%[%' AND {{kept}} @> dbsafety_pair.value)) IS NOT TRUE)
            ELSE ({{sql}})::pg_catalog.text COLLATE "C" IS DISTINCT FROM {{own}}::pg_catalog.text COLLATE "C" END
            """;
    }

    /// <summary>Whether a row that the change touches fits a condition, which may read the other tables too.</summary>
    public string Fits(string condition) => !Joins && With is null ? condition
        : $"EXISTS ({With} SELECT {(Others is null ? "" : "FROM " + Others)} WHERE {(Where is null ? "" : $"({Where["where".Length..].Trim()}) AND ")}({condition}))";

    public string Column(string name) => SqlName.Quote(Alias, name);

    private string? Predicate => Chosen is not null ? With is null ? Chosen : $"EXISTS ({With} SELECT WHERE {Chosen})"
        : With is null && Others is null ? Where?["where".Length..].Trim()
        : $"EXISTS ({With} SELECT {(Others is null ? "" : "FROM " + Others)} {Where})";
}
