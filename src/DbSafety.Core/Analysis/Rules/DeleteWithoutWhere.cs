namespace DbSafety.Analysis.Rules;

/// <summary>All rows of a table are deleted.</summary>
internal sealed class DeleteWithoutWhere : IAnalysisRule
{
    public string Id => "delete-without-where";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        foreach (var change in RowChange.Deletes(context).Where(d => d.Where is null && !d.Joins))
        {
            var name = context.Display(change.Table);
            yield return new Effect(name, $"deletes all rows of {name}", "Say which rows are meant with WHERE.")
            {
                Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(change.Table), LiveReach.DeleteCascades),
                HarmlessBecause = context.History.IsCreated(change.Table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }
}
