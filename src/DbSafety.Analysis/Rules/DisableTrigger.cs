using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Triggers are switched off, and with ALL the foreign keys' own: what they kept right is kept right no more.</summary>
internal sealed class DisableTrigger : IAnalysisRule
{
    public string Id => "disable-trigger";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.SwitchTrigger { IsEnabled: false } => new Verdict(context.Display(effect.Object), $"switches trigger {effect.Object.Part} of {context.Display(effect.Table)} off", "what it did happens no more, for all sessions",
            "Switch it on again in the same transaction; others wait so long, and see no difference.") { HarmlessBecause = context.MadeHere(effect.Table) },
        Command.Setting { Name: "session_replication_role", Values: ["replica", ..] } => new Verdict("session_replication_role", "switches triggers and foreign keys off for this session", "rows can be left that point nowhere",
            "Write the rows in an order that the foreign keys allow, or make those DEFERRABLE."),
        _ => null,
    };
}
