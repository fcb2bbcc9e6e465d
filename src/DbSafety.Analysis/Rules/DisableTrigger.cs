using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Disables triggers, with ALL also the triggers that check foreign keys: their effects no longer happen.</summary>
internal sealed class DisableTrigger : IAnalysisRule
{
    public string Id => "disable-trigger";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.SwitchTrigger { IsEnabled: false } => new Verdict(context.Display(effect.Object), $"disables trigger {effect.Object.Part} on {context.Display(effect.Table)}", "it no longer fires, in all sessions",
            "Enable it again in the same transaction; the lock blocks writes of other sessions until then.") { HarmlessBecause = context.CreatedHere(effect.Table) },
        Command.Setting { Name: "session_replication_role", Values: ["replica", ..] } => new Verdict("session_replication_role", "disables triggers and foreign key checks for this session", "rows that violate foreign keys can remain",
            "Write the rows in an order that the foreign keys allow, or make the foreign keys DEFERRABLE."),
        _ => null,
    };
}
