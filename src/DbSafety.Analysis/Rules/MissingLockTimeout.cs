using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// A strong lock is acquired without a lock_timeout: while the statement waits for a long query, all new queries queue behind it, even if the change
/// itself is fast. Reported once for each script, at the first such statement, in addition to its other findings.
/// </summary>
internal sealed class MissingLockTimeout : IAnalysisRule
{
    public const string RuleId = "missing-lock-timeout";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public bool SpeaksLast => true;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.IsUndo || context.Script.HasLockTimeout || context.Script.LockTimeoutIsSaid || effect.Cause is Command.CreateObject { Kind: ObjectKind.View } || LockClaim.Of(effect, context) is not { } claim)
            return null;
        // The live database shows whether it is there, and is asked about the next statement too.
        context.Script.LockTimeoutIsSaid = !(context.AsksDatabase && effect.Command is Command.Drop { IfExists: true } or Command.AlterTable { IfExists: true });
        return new Verdict(context.Display(claim.Named), "waits for it without a lock_timeout, and queries that arrive while it waits queue behind it", "Set lock_timeout at the start of the script, and retry if it is exceeded:")
        {
            SafeSql = "SET lock_timeout = '5s';",
        };
    }
}
