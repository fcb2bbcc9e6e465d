using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Every row must reference an existing row: it fails if a row does not.</summary>
internal sealed class AddForeignKey() : ConstraintRule("add-foreign-key", FindingSeverity.MayFail)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context)
    {
        if (constraint is not { Kind: ConstraintKind.ForeignKey, IsNotValid: false, Referenced: { } referenced })
            return null;
        return new Verdict(name, $"requires every row of {context.Display(table)} to reference a row of {context.Display(referenced)}",
            $"Correct or delete the rows that violate it first, or add it with NOT VALID, which does not check existing rows:")
        {
            SafeSql = SafeConstraint.NotValid(constraint, table, context),
            Question = SafeConstraint.OrphansOf(constraint, table, context),
        };
    }

    protected override bool Concerns(ColumnDefinition column, ConstraintDefinition constraint) => column.FillsItself;
}
