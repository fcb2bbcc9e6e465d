using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>A statement that cannot run inside a transaction block is inside one, or in a script that tools send as one transaction.</summary>
internal sealed class ConcurrentlyInTransaction : IAnalysisRule
{
    public string Id => "concurrently-in-transaction";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (!effect.Command.NeedsNoTransaction || effect.Cause is RowChange)
            return null;
        var fails = context.Script.IsInTransaction || context.InBody;
        if (!fails && (!context.Script.HasSeveral || context.Script.HasCommitted || context.Script.AsksForNoTransaction))
            return null;
        return new Verdict(context.Display(effect.Object),
            fails ? "cannot run inside a transaction block, and is inside one" : "cannot run inside a transaction block, and many tools send a script of several statements as one transaction",
            "Move it to a separate migration, without BEGIN.")
        {
            SafeSql = context.Statement.Text + ";",
        };
    }
}
