using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a table with all its rows and the rows of its partitions.</summary>
internal sealed class DropTable : IAnalysisRule
{
    public string Id => "drop-table";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop { Kind: ObjectKind.Table } drop)
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"drops table {name}", $"Deploy a release that does not use {name} first; then rename it, and drop it in a later release:")
        {
            SafeSql = $"ALTER TABLE {name} RENAME TO {SqlName.Display(SqlName.WithSuffix(effect.Table.Name, "_old"))};",
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table), LiveReach.Partitions) { IncludesChildren = drop.Cascades },
            HarmlessBecause = context.History.IsCreated(effect.Table) ? "it was created by the same pending migrations" : null,
        };
    }
}
