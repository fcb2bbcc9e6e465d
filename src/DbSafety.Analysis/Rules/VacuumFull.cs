using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Rewrites the table under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class VacuumFull : IAnalysisRule
{
    public string Id => "vacuum-full";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Vacuum { IsFull: true } vacuum)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"rewrites {name}", "Use pg_repack, or plain VACUUM:")
        {
            SafeSql = vacuum.Tables.Count == 0 ? "VACUUM;" : $"VACUUM {name};",
            HarmlessBecause = context.CreatedHere(effect.Table),
        };
    }
}
