using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Rewrites the table in the order of an index under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class Cluster : IAnalysisRule
{
    public string Id => "cluster";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Cluster)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"rewrites {name} in index order", "Use pg_repack --order-by, which does not block reads and writes.") { HarmlessBecause = context.CreatedHere(effect.Table) };
    }
}
