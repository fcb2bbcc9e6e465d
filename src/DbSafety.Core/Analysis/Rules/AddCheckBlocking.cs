using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>The table is locked while every row is checked.</summary>
internal sealed class AddCheckBlocking() : ConstraintRule("add-check-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context) =>
        constraint is { Kind: ConstraintKind.Check, IsNotValid: false }
            ? new Verdict(name, $"adds check {name} and tests every row; the table can neither be read nor written meanwhile", "Add it with NOT VALID, and validate it in a later migration:")
            {
                SafeSql = SafeConstraint.InTwoSteps(constraint, table, context),
            }
            : null;
}
