using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;

namespace DbSafety.Analysis.Rules;

/// <summary>A function of PostgreSQL destroys what no table statement names: large objects, replication slots, files of the server.</summary>
internal sealed class DestructiveFunction : IAnalysisRule
{
    public string Id => "destructive-function";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is OutsideCall.Of call && KnownFunctions.DestructiveEffect(call.Function.Name) is { } does
            ? new Verdict(context.Display(call.Name), $"calls {context.Display(call.Name)}, which {does}", "Back up what it destroys first, and run it manually, outside the migrations.")
            : null;
}
