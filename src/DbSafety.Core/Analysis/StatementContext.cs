namespace DbSafety.Analysis;

/// <summary>What a rule sees: one statement, and what the statements before it have done.</summary>
internal sealed record StatementContext(SqlStatement Statement, SchemaHistory History, string DefaultSchema)
{
    public bool InBody { get; init; }

    public string? SearchSchema => History.SearchSchema;

    public string Display(RelationName name) => name.Display(DefaultSchema);

    public string Display(RelationName table, string column) => Display(table) + "." + Databases.SqlName.Display(column);
}

/// <summary>One effect as a rule sees it, before the live database has been asked.</summary>
/// <param name="Object">How <c>--allow</c> and people name what is touched.</param>
/// <param name="Does">A sentence without its end, such as <c>drops column categories.active</c>.</param>
internal sealed record Effect(string Object, string Does, string Remedy)
{
    public LiveQuestion? Question { get; init; }

    /// <summary>Why it is harmless here; null where it is not.</summary>
    public string? HarmlessBecause { get; init; }
}

/// <summary>One rule: which of a statement's effects it knows.</summary>
internal interface IAnalysisRule
{
    string Id { get; }

    FindingSeverity Severity { get; }

    IEnumerable<Effect> Find(StatementContext context);
}
