namespace DbSafety.Analysis.Rules;

/// <summary>The table is written anew, and locked against everything until it is done.</summary>
internal sealed class VacuumFull : IAnalysisRule
{
    public string Id => "vacuum-full";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (context.Statement.StartsWith("vacuum") && context.Statement.Contains("full"))
            yield return new Effect("vacuum full", "writes tables anew; they can neither be read nor written meanwhile", "Use pg_repack, or plain VACUUM.");
    }
}
