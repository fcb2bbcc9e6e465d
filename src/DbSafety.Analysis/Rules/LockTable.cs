using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks a table explicitly.</summary>
internal sealed class LockTable : IAnalysisRule
{
    public string Id => "lock-table";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.LockTables locks)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"locks {name} explicitly", "Use the weakest sufficient lock mode, as late as possible.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table) ?? (locks.Mode < LockMode.Share ? "this mode does not block reads and writes" : null),
        };
    }
}
