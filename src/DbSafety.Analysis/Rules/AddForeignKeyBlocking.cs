using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks both tables against writes while every row is checked.</summary>
internal sealed class AddForeignKeyBlocking() : ConstraintRule("add-foreign-key-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context) =>
        constraint is { Kind: ConstraintKind.ForeignKey, IsNotValid: false }
            ? new Verdict(name, $"adds foreign key {name}", "and checks every row", "Add it with NOT VALID, and validate it in a separate transaction:")
            {
                SafeSql = SafeConstraint.InTwoSteps(constraint, table, context),
                IfPartitioned = context.ServerMajor >= 18 ? null : new PartitionedRemedy(context.History.Live(table), "The table is partitioned, and PostgreSQL refuses NOT VALID on it: add the foreign key to each partition with NOT VALID, validate each in a separate transaction, and then add it to the table, which does not check the rows again."),
            }
            : null;

    /// <summary>A new column that is null in every row needs no look at them; PostgreSQL takes one all the same where it says DEFAULT NULL.</summary>
    protected override bool Concerns(ColumnDefinition column, ConstraintDefinition constraint) => column.FillsItself || column.SaysDefault;
}
