namespace DbSafety.Analysis.Rules;

/// <summary>A column's values are converted to another type; those that would not come back the same are lost.</summary>
internal sealed class LossyTypeChange : IAnalysisRule
{
    public string Id => "lossy-type-change";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        foreach (var change in TypeChange.Find(context))
        {
            var name = context.Display(change.Table, change.Column);
            var live = context.History.LiveColumn(change.Table, change.Column);
            yield return new Effect(name, $"converts {name} to {change.Type}",
                $"Add a new column of type {change.Type}, fill it, look at the difference, and switch over to it; drop {name} in a later release.")
            {
                Question = new LiveQuestion(LiveFactKind.Changed, context.History.Live(change.Table))
                {
                    Column = live,
                    // Under another name USING's text would not fit the live table.
                    Condition = live == change.Column || change.Using is null ? $"({change.Using ?? Databases.SqlName.Quote(live)})::{change.Type}" : null,
                },
                HarmlessBecause = context.History.IsAdded(change.Table, change.Column) ? "it was made by the same pending migrations"
                    : change.Using is null && change.Type.Equals("text", StringComparison.OrdinalIgnoreCase) ? "text holds every value as it is written" : null,
            };
        }
    }
}
