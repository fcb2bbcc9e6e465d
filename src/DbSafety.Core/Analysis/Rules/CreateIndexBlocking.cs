namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY nobody can write to the table while the index is built.</summary>
internal sealed class CreateIndexBlocking : IAnalysisRule
{
    public string Id => "create-index-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (NewIndex.Read(context) is not { } index || index.IsConcurrent)
            yield break;
        var table = context.Display(index.Table);
        yield return new Effect(index.Name ?? table, $"builds an index on {table}; nobody can write to it meanwhile", "CREATE INDEX CONCURRENTLY, in a migration of its own.")
        {
            HarmlessBecause = context.History.IsCreated(index.Table) ? "the table was made by the same pending migrations" : null,
        };
    }
}
