using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>Code of a procedural language runs; only its plain statements can be read.</summary>
internal sealed class DoBlock : IAnalysisRule
{
    public string Id => "do-block";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is Command.DoBlock
            ? new Verdict(context.StatementName, "runs a DO block, of which only the statements in plain sight were read", "Write plain SQL where that does; the rehearsal shows what the block really does.")
            : null;
}
