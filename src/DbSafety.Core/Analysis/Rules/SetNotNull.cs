namespace DbSafety.Analysis.Rules;

/// <summary>A column may hold no nulls any more: it fails while there are some.</summary>
internal sealed class SetNotNull : IAnalysisRule
{
    public string Id => "set-not-null";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (AlterTable.Read(context.Statement, context.SearchSchema) is not { } alter)
            yield break;
        foreach (var action in alter.Actions)
        {
            var cursor = new TokenCursor(action);
            if (!cursor.Take("alter"))
                continue;
            cursor.Take("column");
            if (cursor.TakeName() is not { } column || !cursor.Take("set", "not", "null"))
                continue;
            var name = context.Display(alter.Table, column);
            yield return new Effect(name, $"requires a value in {name}", $"Fill the nulls of {name} first: UPDATE … SET … WHERE … IS NULL.")
            {
                // What the live database shows of a new column is nothing.
                Question = context.History.IsAdded(alter.Table, column) ? null : new LiveQuestion(LiveFactKind.Nulls, context.History.Live(alter.Table))
                {
                    Column = context.History.LiveColumn(alter.Table, column),
                    Proves = !context.InBody && !context.History.MayHaveChanged(alter.Table),
                },
                HarmlessBecause = context.History.IsCreated(alter.Table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }
}
