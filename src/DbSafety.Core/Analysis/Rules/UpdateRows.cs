namespace DbSafety.Analysis.Rules;

/// <summary>Values are overwritten in some rows of a table.</summary>
internal sealed class UpdateRows : IAnalysisRule
{
    public string Id => "update-rows";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        foreach (var change in RowChange.Updates(context).Where(u => u.Where is not null || u.Joins))
        {
            var name = context.Display(change.Table);
            yield return new Effect(name, $"overwrites {string.Join(", ", change.Columns)} in some rows of {name}", "Write to a new column, if the old values may still be wanted.")
            {
                HarmlessBecause = context.History.IsCreated(change.Table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }
}
