namespace DbSafety.Analysis.Rules;

/// <summary>A table is emptied; with CASCADE, so are the tables that refer to it.</summary>
internal sealed class Truncate : IAnalysisRule
{
    public string Id => "truncate";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public static IReadOnlyList<RelationName> Tables(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("truncate"))
            return [];
        cursor.Take("table");
        return cursor.TakeRelations(context.SearchSchema);
    }

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var reach = context.Statement.Tokens[^1].Is("cascade") ? LiveReach.References : LiveReach.Children;
        foreach (var table in Tables(context))
        {
            var name = context.Display(table);
            yield return new Effect(name, $"empties table {name}" + (reach == LiveReach.References ? " and every table that refers to it" : ""),
                "Delete the rows that are meant, by a condition, in a script of its own.")
            {
                Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(table), reach),
                HarmlessBecause = context.History.IsCreated(table) ? "it was made by the same pending migrations" : null,
            };
        }
    }
}
