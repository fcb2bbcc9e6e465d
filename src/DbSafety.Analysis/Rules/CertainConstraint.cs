using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>Whether all rows satisfy a new constraint, since its columns are new in the same transaction.</summary>
internal static class CertainConstraint
{
    private const string IsNull = "the same transaction adds the column, which is NULL in every row";

    /// <summary>Why it cannot fail; null if it can.</summary>
    public static string? Reason(ConstraintDefinition constraint, Effect effect, StatementContext context)
    {
        bool Null(string column) => NewColumns.Of(effect, column, context) == ColumnContent.Null;
        return constraint switch
        {
            { Kind: ConstraintKind.Unique, NullsNotDistinct: false } when constraint.Columns.Any(Null) => IsNull,
            { Kind: ConstraintKind.ForeignKey } when constraint.Columns.Any(Null) && (!IsMatchFull(constraint) || constraint.Columns.All(Null)) => IsNull,
            { Kind: ConstraintKind.Check, Expression: { } condition } when NullCheck.Passes(condition, Null) => IsNull,
            _ => null,
        };
    }

    private static bool IsMatchFull(ConstraintDefinition constraint) => constraint.Text.Contains("full", StringComparison.OrdinalIgnoreCase);
}
