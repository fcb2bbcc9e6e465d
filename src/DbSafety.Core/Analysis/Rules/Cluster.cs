namespace DbSafety.Analysis.Rules;

/// <summary>The table is written anew in the order of an index, and locked against everything until it is done.</summary>
internal sealed class Cluster : IAnalysisRule
{
    public string Id => "cluster";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (context.Statement.StartsWith("cluster"))
            yield return new Effect("cluster", "writes tables anew in another order; they can neither be read nor written meanwhile", "Use pg_repack.");
    }
}
