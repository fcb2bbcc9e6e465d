using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Adds a NOT NULL column without a default: it fails if the table has rows.</summary>
internal sealed class AddRequiredColumn() : TableActionRule<TableAction.AddColumn>(RuleId, FindingSeverity.MayFail)
{
    public const string RuleId = "add-required-column";

    protected override Verdict? Judge(TableAction.AddColumn action, RelationName table, StatementContext context)
    {
        if (action.Column is not { IsNotNull: true, FillsItself: false } column)
            return null;
        var name = context.Display(table, column.Name);
        return new Verdict(name, $"adds column {name} as NOT NULL without a default; fails if the table has rows",
            $"Add {name} without NOT NULL or with a DEFAULT, fill it, and then run ALTER COLUMN … SET NOT NULL:")
        {
            SafeSql = $"ALTER TABLE {context.Display(table)} ADD COLUMN {SqlName.Display(column.Name)} {column.Type};",
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(table)) { Proves = context.Proves(table) },
        };
    }
}
