using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>A column's values are converted to a type that does not take everything: it fails on the first value that does not fit.</summary>
internal sealed class RiskyCast() : TableActionRule<TableAction.ChangeType>("risky-cast", FindingSeverity.MayFail)
{
    protected override Verdict? Judge(TableAction.ChangeType action, RelationName table, StatementContext context)
    {
        if (TypeConversion.TakesEverything(action.Type))
            return null;
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"converts the values of {name} to {action.Type}, which may not take them all",
            $"Find the values of {name} that are no {action.Type} and mend them first; or add a new column and fill it with what fits.")
        {
            SafeSql = AlterColumnType.NewColumn(table, action, context),
            Question = context.History.IsAdded(table, action.Column) ? null : TypeConversion.Question(LiveFactKind.Unconvertible, table, action, context) with { Proves = context.Proves(table) },
            HarmlessBecause = context.History.IsAdded(table, action.Column) ? "it was made by the same pending migrations" : null,
        };
    }
}
