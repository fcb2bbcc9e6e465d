namespace DbSafety.Analysis.Rules;

/// <summary>A table is made; nobody uses it yet.</summary>
internal sealed class CreateTable : IAnalysisRule
{
    public string Id => "create-table";

    public FindingSeverity Severity => FindingSeverity.Info;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("create"))
            yield break;
        while (cursor.Take("global") || cursor.Take("local") || cursor.Take("temp") || cursor.Take("temporary") || cursor.Take("unlogged") || cursor.Take("foreign"))
        {
        }

        if (!cursor.Take("table"))
            yield break;
        cursor.Take("if", "not", "exists");
        if (cursor.TakeRelation(context.SearchSchema) is { } table)
            yield return new Effect(context.Display(table), $"makes table {context.Display(table)}", "Nothing to do.");
    }
}
