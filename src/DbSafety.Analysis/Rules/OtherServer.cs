using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;

namespace DbSafety.Analysis.Rules;

/// <summary>SQL is sent to another server, where DbSafety can neither back up nor restore anything.</summary>
internal sealed class OtherServer : IAnalysisRule
{
    public string Id => "other-server";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is OutsideCall.Of call && KnownFunctions.ReachesOtherServers(call.Function.Name)
            ? new Verdict(context.Display(call.Name), $"calls {context.Display(call.Name)}, which connects to another server", "its effects there are not analysed, not rolled back with this transaction, and not restored from a backup", "Run it in migrations of the other database.")
            : null;
}
