using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>The materialized view cannot be read while it is refreshed.</summary>
internal sealed class RefreshBlocking : IAnalysisRule
{
    public string Id => "refresh-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Refresh { IsConcurrent: false })
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"refreshes {name}", "Refresh it CONCURRENTLY, which requires that it is populated and has a unique index over columns (no expressions), without a WHERE clause:")
        {
            SafeSql = $"REFRESH MATERIALIZED VIEW CONCURRENTLY {name};",
            HarmlessBecause = context.History.IsCreated(effect.Table) ? "it was created by the same pending migrations" : null,
        };
    }
}
