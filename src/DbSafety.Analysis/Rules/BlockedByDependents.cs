using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// PostgreSQL refuses to change the type of a column that a view, a policy, a trigger or a generated column uses, and to drop without CASCADE what other objects use. The live database
/// names them all; without one, only the views that the same set created are known.
/// </summary>
internal sealed class BlockedByDependents : IAnalysisRule
{
    public const string RuleId = "blocked-by-dependents";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public const string Remedy = "Drop these objects first and re-create them afterwards, in the same transaction.";

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.InBody || Blocked(effect) is not (var column, var what))
            return null;
        var views = context.History.ViewsOf(effect.Table, column).Where(v => effect.Command is not Command.Drop drop || !drop.Names.Contains(v)).ToList();
        if (views.Count == 0)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"{what} {name}, which PostgreSQL refuses while view {string.Join(", view ", views.Select(context.Display))} uses it", Remedy);
    }

    private static (string? Column, string What)? Blocked(Effect effect) => effect.Cause switch
    {
        TableAction.ChangeType change when effect.Command is Command.AlterTable { Kind: ObjectKind.Table } => (change.Column, "changes the type of"),
        TableAction.DropColumn { Cascades: false } drop => (drop.Column, "drops column"),
        Command.Drop { Kind: ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.ForeignTable, Cascades: false } drop => (null, $"drops {ObjectKinds.Words(drop.Kind)}"),
        _ => null,
    };
}
