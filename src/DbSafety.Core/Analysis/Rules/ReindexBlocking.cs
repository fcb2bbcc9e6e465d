namespace DbSafety.Analysis.Rules;

/// <summary>Nobody can write to the table while its indexes are built anew.</summary>
internal sealed class ReindexBlocking : IAnalysisRule
{
    public string Id => "reindex-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (context.Statement.StartsWith("reindex") && !context.Statement.Contains("concurrently"))
            yield return new Effect("reindex", $"builds indexes anew; their tables cannot be written meanwhile: {context.Statement.Excerpt}", "REINDEX … CONCURRENTLY, from PostgreSQL 12 on.");
    }
}
