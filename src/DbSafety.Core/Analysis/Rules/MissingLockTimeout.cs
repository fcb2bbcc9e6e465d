using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// A strong lock is asked for without a limit, by ALTER TABLE, a foreign key of a new table, a trigger, a policy: while it waits behind one long query,
/// everybody else queues behind it, however quick the change itself would be. Said once a script, at the first that could do it and that nothing else is
/// said of: it looks harmless.
/// </summary>
internal sealed class MissingLockTimeout : IAnalysisRule
{
    public const string RuleId = "missing-lock-timeout";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public bool SpeaksLast => true;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (!AsksForLocks(effect.Cause) || context.Script.HasLockTimeout || context.Script.LockTimeoutIsSaid || context.Script.IsSpokenOf || context.InBody)
            return null;
        foreach (var taken in effect.Locks)
        {
            if (!taken.StopsWriters || taken.Reach != LockReach.Itself || context.NewHere(taken.Table) is not null)
                continue;
            context.Script.LockTimeoutIsSaid = true;
            var name = context.Display(taken.Table);
            return new Verdict(name, $"asks for a lock on {name} and would wait for it without end, and all others behind it", "Set a limit at the top of the script, and try again when it is over:")
            {
                SafeSql = "SET lock_timeout = '5s';",
            };
        }

        return null;
    }

    /// <summary>A view that is replaced may not be there yet.</summary>
    private static bool AsksForLocks(SqlNode cause) =>
        cause is TableAction or ObjectAction or Command.CreateTable or Command.CreateObject { Kind: ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy };
}
