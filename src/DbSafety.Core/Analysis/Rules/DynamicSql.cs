namespace DbSafety.Analysis.Rules;

/// <summary>SQL that is put together at run time cannot be read beforehand.</summary>
internal sealed class DynamicSql : IAnalysisRule
{
    public string Id => "dynamic-sql";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        // EXECUTE FUNCTION belongs to triggers, EXECUTE ON to grants.
        if (context.Statement.StartsWith("execute") || (context.InBody && context.Statement.Contains("execute") && !context.Statement.StartsWith("create") && !context.Statement.StartsWith("grant") && !context.Statement.StartsWith("revoke")))
            yield return new Effect($"statement {context.Statement.Ordinal}", "runs SQL that is put together at run time", "Write the statement out; the rehearsal shows what it really does.");
        else if (context.Statement.StartsWith("call"))
            yield return new Effect($"statement {context.Statement.Ordinal}", "calls a procedure, whose effects are not looked into", "Read the procedure; the rehearsal shows what it really does.");
    }
}
