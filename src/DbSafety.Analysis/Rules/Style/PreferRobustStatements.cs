using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules.Style;

/// <summary>
/// Outside a transaction, the statements before a failing one stay done: a script that is run again fails on them, unless they have IF EXISTS or IF NOT EXISTS.
/// </summary>
internal sealed class PreferRobustStatements() : StyleRule("prefer-robust-statements")
{
    public override IEnumerable<Verdict> JudgeAll(IReadOnlyList<Effect> effects, StatementContext context)
    {
        if (context.Script.IsInTransaction || !(context.Script.HasSeveral || effects[0].Command.NeedsNoTransaction))
            yield break;
        foreach (var effect in effects)
        {
            if (Missing(effect) is not { } missing)
                continue;
            var name = context.Display(effect.Object);
            yield return new Verdict(name, $"has no {missing}: outside a transaction, the script cannot be run again after a later statement fails", $"Add {missing}, or BEGIN and COMMIT around the script.");
            if (effect.Command is Command.Drop)
                yield break;
        }
    }

    private static string? Missing(Effect effect) => effect.Cause switch
    {
        Command.CreateTable { IfNotExists: false, IsTemporary: false } or Command.CreateIndex { IfNotExists: false, Name: not null } => "IF NOT EXISTS",
        Command.CreateObject { Kind: ObjectKind.Schema or ObjectKind.Sequence or ObjectKind.Extension or ObjectKind.MaterializedView, IfNotExists: false } => "IF NOT EXISTS",
        Command.Drop { IfExists: false } => "IF EXISTS",
        TableAction.AddColumn { IfNotExists: false } => "IF NOT EXISTS",
        TableAction.DropColumn { IfExists: false } or TableAction.DropConstraint { IfExists: false } => "IF EXISTS",
        _ => null,
    };
}
