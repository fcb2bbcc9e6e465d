using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Converts the values of a column to a type that does not accept all values: PostgreSQL refuses the statement, or fails on the first value that cannot be converted.</summary>
internal sealed class RiskyCast : IAnalysisRule
{
    public string Id => "risky-cast";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect is not { Cause: TableAction.ChangeType action, Command: Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.MaterializedView or ObjectKind.View } alter }
            || TypeConversion.TakesEverything(action.Type))
            return null;
        var (table, name) = (alter.Name, context.Display(alter.Name, action.Column));
        var isAdded = context.History.IsAdded(table, action.Column);
        if (isAdded && action.Using is null && !context.InBody && context.History.IsText(table, action.Column) && TypeConversion.NeedsUsing(action.Type))
            return Refused(name, action, table, context);
        return new Verdict(name, $"converts the values of {name} to {action.Type}; fails if one of them cannot be converted",
            $"Find the values of {name} that cannot be converted to {action.Type} and correct them first; or add a new column and fill it with the values that can be converted.")
        {
            SafeSql = AlterColumnType.NewColumn(table, action, context),
            Question = isAdded ? null : TypeConversion.Question(LiveFactKind.Unconvertible, table, action, alter, context),
            HarmlessBecause = isAdded ? "it was created by the same pending migrations" : context.NewHere(table),
        };
    }

    /// <summary>Both types are known, as the set created the column.</summary>
    private static Verdict Refused(string name, TableAction.ChangeType action, RelationName table, StatementContext context)
    {
        var cast = $"USING {SqlName.Display(action.Column)}::{action.Type}";
        return new Verdict(name, $"converts the values of {name} to {action.Type}: PostgreSQL refuses it, whatever the data: column {SqlName.Display(action.Column)} cannot be cast automatically to type {action.Type}",
            $"Specify the conversion ({cast}).") { SafeSql = $"ALTER TABLE {context.Display(table)} ALTER COLUMN {SqlName.Display(action.Column)} TYPE {action.Type} {cast};" };
    }
}
