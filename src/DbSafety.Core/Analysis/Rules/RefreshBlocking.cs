namespace DbSafety.Analysis.Rules;

/// <summary>The materialized view cannot be read while it is computed anew.</summary>
internal sealed class RefreshBlocking : IAnalysisRule
{
    public string Id => "refresh-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (cursor.Take("refresh", "materialized", "view") && !cursor.At("concurrently") && cursor.TakeRelation(context.SearchSchema) is { } view)
            yield return new Effect(context.Display(view), $"computes {context.Display(view)} anew; nobody can read it meanwhile", $"REFRESH MATERIALIZED VIEW CONCURRENTLY {context.Display(view)}; it needs a unique index.");
    }
}
