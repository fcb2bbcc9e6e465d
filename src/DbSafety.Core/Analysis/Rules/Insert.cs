namespace DbSafety.Analysis.Rules;

/// <summary>Rows are added.</summary>
internal sealed class Insert : IAnalysisRule
{
    public string Id => "insert";

    public FindingSeverity Severity => FindingSeverity.Info;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (cursor.Take("insert", "into") && cursor.TakeRelation(context.SearchSchema) is { } table)
            yield return new Effect(context.Display(table), $"adds rows to {context.Display(table)}", "Nothing to do.");
    }
}
