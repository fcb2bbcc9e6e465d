namespace DbSafety.Analysis.Rules;

/// <summary>An index is built while the table stays in use.</summary>
internal sealed class CreateIndex : IAnalysisRule
{
    public string Id => "create-index";

    public FindingSeverity Severity => FindingSeverity.Info;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (NewIndex.Read(context) is not { } index || !index.IsConcurrent)
            yield break;
        var table = context.Display(index.Table);
        yield return new Effect(index.Name ?? table, $"builds an index on {table} while it stays in use", "Nothing to do.")
        {
            HarmlessBecause = context.History.IsCreated(index.Table) ? "the table was made by the same pending migrations" : null,
        };
    }
}
