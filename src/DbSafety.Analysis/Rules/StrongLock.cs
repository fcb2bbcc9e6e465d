using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks existing tables against writes, or reads and writes, and no other finding of the statement names the lock.</summary>
internal sealed class StrongLock : IAnalysisRule
{
    public string Id => "strong-lock";

    public FindingSeverity Severity => FindingSeverity.Info;

    public bool SpeaksLast => true;

    public bool NamesLocks => true;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        // A view that is replaced may not be there yet.
        if (context.IsUndo || effect.Cause is Command.CreateObject { Kind: ObjectKind.View } || LockClaim.Of(effect, context) is not { } claim || context.Script.LocksSaid.Contains(claim.Words))
            return null;
        var work = claim.Taken.Max(t => t.Work) switch
        {
            TableWork.Catalog => "changes only the catalog",
            TableWork.Scan => "reads every row",
            TableWork.Build => "builds indexes",
            _ => "rewrites every row",
        };
        return new Verdict(context.Display(claim.Named), work, "Set a lock_timeout, and run no long statements after it in the same transaction.");
    }
}
