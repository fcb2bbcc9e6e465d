using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a column with all its values, or an attribute of a composite type, in every column of that type.</summary>
internal sealed class DropColumn : IAnalysisRule
{
    public string Id => "drop-column";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.DropColumn drop => Column(drop.Column, effect, context),
        ObjectAction.DropAttribute => Attribute(effect, context),
        _ => null,
    };

    private static Verdict Column(string column, Effect effect, StatementContext context)
    {
        var (table, name) = (effect.Table, context.Display(effect.Object));
        return new Verdict(name, $"drops column {name}",
            $"Deploy a release that does not use {name} first, and drop it in a later release; copy its values to another table if they are still needed. Until then, allow inserts that omit it:")
        {
            SafeSql = $"ALTER TABLE {context.Display(table)} ALTER COLUMN {SqlName.Display(column)} DROP NOT NULL;",
            Question = new LiveQuestion(LiveFactKind.Values, context.History.Live(table)) { Column = context.History.LiveColumn(table, column) },
            HarmlessBecause = context.History.IsAdded(table, column) ? "it was created by the same pending migrations" : null,
        };
    }

    private static Verdict Attribute(Effect effect, StatementContext context)
    {
        var name = context.Display(effect.Object);
        return new Verdict(name, $"drops attribute {name}, in every column of that type", $"Deploy a release that does not use {name} first, and drop it in a later release.")
        {
            HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "the type was created by the same pending migrations" : null,
        };
    }
}
