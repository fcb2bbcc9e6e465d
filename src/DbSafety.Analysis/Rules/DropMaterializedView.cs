using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a materialized view with its stored rows; they can be computed again while the underlying tables contain the source data.</summary>
internal sealed class DropMaterializedView : IAnalysisRule
{
    public string Id => "drop-materialized-view";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop { Kind: ObjectKind.MaterializedView })
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"drops materialized view {name}", $"Create its replacement under another name first, and drop {name} when no query reads it any more. Until then, keep it under another name:")
        {
            SafeSql = $"ALTER MATERIALIZED VIEW {name} RENAME TO {SqlName.Display(SqlName.WithSuffix(effect.Table.Name, "_old"))};",
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table), LiveReach.Only),
            HarmlessBecause = context.History.IsCreated(effect.Table) ? "it was created by the same pending migrations" : null,
        };
    }
}
