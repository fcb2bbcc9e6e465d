using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A materialized view goes, with the rows stored in it; they can be computed again while its sources are there.</summary>
internal sealed class DropMaterializedView : IAnalysisRule
{
    public string Id => "drop-materialized-view";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop { Kind: ObjectKind.MaterializedView })
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"drops materialized view {name}", $"Make its successor under another name first, and drop {name} when nothing reads it any more. Until then keep it:")
        {
            SafeSql = $"ALTER MATERIALIZED VIEW {name} RENAME TO {SqlName.Display(SqlName.WithSuffix(effect.Table.Name, "_old"))};",
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table), LiveReach.Only),
            HarmlessBecause = context.History.IsCreated(effect.Table) ? "it was made by the same pending migrations" : null,
        };
    }
}
