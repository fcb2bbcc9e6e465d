using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>SQL that is built at run time, or a called routine, cannot be analysed in advance.</summary>
internal sealed class DynamicSql : IAnalysisRule
{
    public string Id => "dynamic-sql";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.ExecuteText { IsUnreadBecause: { } reason } => new Verdict(context.StatementName, $"contains SQL that was not analysed: {reason}", "The rehearsal shows its effects."),
        Command.ExecuteText => new Verdict(context.StatementName, "runs SQL that is built at run time", "Use a static statement; the rehearsal shows its effects."),
        Command.Call call => new Verdict(context.StatementName, $"calls procedure {context.Display(call.Procedure)}, whose effects are not known", "Read the procedure; the rehearsal shows its effects.")
        {
            // What those of the set do is reported where they are called.
            Question = context.Routines?.IsOfSet(call.Procedure) == true ? null : new LiveQuestion(LiveFactKind.Routine, call.Procedure),
        },
        _ => null,
    };
}
