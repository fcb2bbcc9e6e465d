using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Revokes privileges: statements that require them fail with permission denied.</summary>
internal sealed class Revoke : IAnalysisRule
{
    public string Id => "revoke";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is Command.Privileges { IsRevoke: true }
            ? new Verdict(context.Display(effect.Object), $"revokes privileges on {ObjectKinds.Words(effect.Object.Kind)} {context.Display(effect.Object)}", "statements that require them fail with permission denied", "Check which roles use them first (information_schema.role_table_grants).")
            {
                HarmlessBecause = context.CreatedHere(effect.Table),
            }
            : null;
}
