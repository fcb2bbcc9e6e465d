using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>SQL that is put together at run time, or a routine that is called, cannot be read beforehand.</summary>
internal sealed class DynamicSql : IAnalysisRule
{
    public string Id => "dynamic-sql";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.ExecuteText { IsUnreadBecause: { } reason } => new Verdict(context.StatementName, $"holds SQL that is not looked into: {reason}", "The rehearsal shows what it really does."),
        Command.ExecuteText => new Verdict(context.StatementName, "runs SQL that is put together at run time", "Write the statement out; the rehearsal shows what it really does."),
        Command.Call call => new Verdict(context.StatementName, $"calls procedure {context.Display(call.Procedure)}, whose effects are not looked into", "Read the procedure; the rehearsal shows what it really does.")
        {
            // What those of the set do is reported where they are called.
            Question = context.Routines?.IsMade(call.Procedure.Name) == true ? null : new LiveQuestion(LiveFactKind.Routine, call.Procedure),
        },
        _ => null,
    };
}
