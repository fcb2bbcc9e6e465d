namespace DbSafety.Analysis.Rules;

/// <summary>A table is locked by name.</summary>
internal sealed class LockTable : IAnalysisRule
{
    public string Id => "lock-table";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("lock"))
            yield break;
        cursor.Take("table");
        foreach (var table in cursor.TakeRelations(context.SearchSchema))
        {
            yield return new Effect(context.Display(table), $"locks {context.Display(table)} until the migration ends", "Take the weakest lock that will do, as late as possible.")
            {
                HarmlessBecause = context.History.IsCreated(table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }
}
