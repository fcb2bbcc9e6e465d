using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;

namespace DbSafety.Analysis.Rules;

/// <summary>A built-in function acts on the server, outside the transaction: sessions, WAL, configuration, replication slots, statistics, files.</summary>
internal sealed class ServerFunction : IAnalysisRule
{
    public string Id => "server-function";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is OutsideCall.Of call && KnownFunctions.ServerEffect(call.Function.Name) is { } does
            ? new Verdict(context.Display(call.Name), $"calls {context.Display(call.Name)}, which {does}", "it acts outside the transaction, and neither a rollback nor a restore undoes it", "Run it manually, outside the migrations.")
            : null;
}
