namespace DbSafety.Analysis.Rules;

/// <summary>A table goes, with all its rows and those of its partitions.</summary>
internal sealed class DropTable : IAnalysisRule
{
    public string Id => "drop-table";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop", "table"))
            yield break;
        cursor.Take("if", "exists");
        foreach (var table in cursor.TakeRelations(context.SearchSchema))
        {
            var name = context.Display(table);
            yield return new Effect(name, $"drops table {name}",
                $"Stop using {name} first; rename it (ALTER TABLE {name} RENAME TO …) and drop it some releases later.")
            {
                Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(table)),
                HarmlessBecause = context.History.IsCreated(table) ? "it was made by the same pending migrations" : null,
            };
        }
    }
}
