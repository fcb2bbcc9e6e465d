namespace DbSafety.Analysis.Rules;

/// <summary>A column goes, with every value in it.</summary>
internal sealed class DropColumn : IAnalysisRule
{
    public string Id => "drop-column";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (AlterTable.Read(context.Statement, context.SearchSchema) is not { } alter)
            yield break;
        foreach (var action in alter.Actions)
        {
            if (AlterTable.DroppedColumn(action) is not var (column, _))
                continue;
            var name = context.Display(alter.Table, column);
            yield return new Effect(name, $"drops column {name}",
                $"Stop reading and writing {name} first, ship that, and drop it in a later release; copy its values elsewhere if they are still wanted.")
            {
                Question = new LiveQuestion(LiveFactKind.Values, context.History.Live(alter.Table)) { Column = context.History.LiveColumn(alter.Table, column) },
                HarmlessBecause = context.History.IsAdded(alter.Table, column) ? "it was made by the same pending migrations" : null,
            };
        }
    }
}
