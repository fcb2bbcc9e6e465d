using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>One script creates a table or adds a column and drops it again: the second may be the part that undoes the first, which is not to run.</summary>
internal sealed class CreateAndDrop : IAnalysisRule
{
    public string Id => "create-and-drop";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.Drop { Kind: ObjectKind.Table } when context.Script.IsCreated(effect.Table) => Of("table", "creates", context.Display(effect.Table)),
        TableAction.DropColumn drop when context.Script.IsAdded(effect.Table, drop.Column) => Of("column", "adds", context.Display(effect.Table, drop.Column)),
        _ => null,
    };

    private static Verdict Of(string kind, string verb, string name) =>
        new(name, $"drops {kind} {name}, which the same script {verb}", "if the drop is the script's undo part, the migration has no effect", $"Remove the undo part from the script. For a table that only the script needs, use CREATE TEMPORARY TABLE.");
}
