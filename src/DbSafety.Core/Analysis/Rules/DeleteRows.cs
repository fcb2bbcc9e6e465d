namespace DbSafety.Analysis.Rules;

/// <summary>Some rows of a table are deleted.</summary>
internal sealed class DeleteRows : IAnalysisRule
{
    public string Id => "delete-rows";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        foreach (var change in RowChange.Deletes(context).Where(d => d.Where is not null || d.Joins))
        {
            var name = context.Display(change.Table);
            var live = context.History.Live(change.Table);
            yield return new Effect(name, $"deletes rows of {name}", $"Keep the rows elsewhere first (CREATE TABLE … AS SELECT), or mark them instead of deleting them.")
            {
                Question = new LiveQuestion(LiveFactKind.RowsWhere, live, LiveReach.DeleteCascades)
                {
                    Condition = change.Joins || live != change.Table ? null : change.From + " " + change.Where,
                },
                HarmlessBecause = context.History.IsCreated(change.Table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }
}
