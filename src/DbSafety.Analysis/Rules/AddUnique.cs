using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>No two rows must have the same key: it fails if there are duplicates.</summary>
internal sealed class AddUnique : IAnalysisRule
{
    public string Id => "add-unique";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.Unique or ConstraintKind.PrimaryKey or ConstraintKind.Exclude, UsingIndex: null } constraint } => Constraint(constraint, effect, context),
        TableAction.AddColumn { Column: var column } when effect.Command is Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.ForeignTable } && column.Constraints.FirstOrDefault(c => c.Kind is ConstraintKind.Unique or ConstraintKind.PrimaryKey) is { } constraint =>
            Same(effect, column.Name, context),
        Command.CreateIndex { IsUnique: true } index => Index(index, effect, context),
        _ => null,
    };

    /// <summary>A new column that has the same value in all rows has it twice where there are two rows.</summary>
    private static Verdict? Same(Effect effect, string column, StatementContext context) => NewColumns.Of(effect, column, context) != ColumnContent.Same ? null
        : Verdict(context.Display(effect.Object), effect.Table, SqlName.Display(column), context) with
        {
            Alarm = "the new column has the same default in every row, so the statement fails if there are two rows or more",
            Remedy = "Add the column without the constraint, give each row a distinct value, and then add the constraint:",
            SafeSql = $"ALTER TABLE {context.Display(effect.Table)} ADD COLUMN {SqlName.Display(column)} {TypeOf(effect, column)};",
            Question = new LiveQuestion(LiveFactKind.Duplicates, context.History.Live(effect.Table))
            {
                Condition = $"SELECT CASE WHEN count(*) > 1 THEN count(*) ELSE 0 END FROM {context.History.Live(effect.Table).Sql}",
                Proves = context.Proves(effect.Table),
            },
        };

    private static string TypeOf(Effect effect, string column) =>
        (effect.Command as Command.AlterTable)?.Actions.OfType<TableAction.AddColumn>().FirstOrDefault(a => a.Column.Name == column)?.Column.Type ?? "";

    private static Verdict? Constraint(ConstraintDefinition constraint, Effect effect, StatementContext context) =>
        constraint.Columns is [var only] && Same(effect, only, context) is { } same ? same with { SafeSql = null, Remedy = "Give each row a distinct value first." } : Rows(constraint, effect, context);

    private static Verdict Rows(ConstraintDefinition constraint, Effect effect, StatementContext context) =>
        Verdict(context.Display(effect.Object), effect.Table, string.Join(", ", constraint.Columns.Select(SqlName.Display)), context) is var verdict && constraint.Kind == ConstraintKind.PrimaryKey
            ? verdict with { Does = $"{verdict.Does}, and that none is null", Question = SafeConstraint.ViolationsOf(constraint, effect.Table, context) }
            : verdict with
            {
                Question = SafeConstraint.DuplicatesOf(constraint, effect.Table, context),
                HarmlessBecause = verdict.HarmlessBecause ?? CertainConstraint.Reason(constraint, effect, context),
            };

    private static Verdict Index(Command.CreateIndex index, Effect effect, StatementContext context)
    {
        var live = context.History.Live(index.Table);
        var known = index.Keys is not null && !index.Keys.Any(k => context.History.IsAdded(index.Table, k.Trim('"')));
        if (!index.IsConcurrent && index.Where is null && index.Keys is [var only] && Same(effect with { Object = effect.Object with { Name = index.Table } }, only.Trim('"'), context) is { } same)
            return same with { Object = context.Display(effect.Object), SafeSql = null, Remedy = "Give each row a distinct value first." };
        var isNull = !index.IsConcurrent && !index.NullsNotDistinct && index.Keys?.Any(k => NewColumns.Of(effect with { Object = effect.Object with { Name = index.Table } }, k.Trim('"'), context) == ColumnContent.Null) == true;
        var verdict = Verdict(context.Display(effect.Object), index.Table, index.Keys is null ? "" : string.Join(", ", index.Keys), context) with
        {
            Question = known
                ? new LiveQuestion(LiveFactKind.Duplicates, live)
                {
                    Condition = SafeConstraint.Duplicates(live.Sql, index.Keys!, index.Where, index.NullsNotDistinct),
                    // A concurrent build meets rows that other sessions write while it runs.
                    Proves = !index.IsConcurrent && context.Proves(index.Table),
                    Key = index.IfNotExists ? null : SafeConstraint.KeyOf([.. index.Keys!.Select(k => context.History.LiveColumn(index.Table, k.Trim('"')))], isPrimary: false, index.Table, context),
                }
                : null,
        };
        return isNull && verdict.HarmlessBecause is null ? verdict with { HarmlessBecause = "the same transaction adds the column, which is NULL in every row" } : verdict;
    }

    private static Verdict Verdict(string name, RelationName table, string keys, StatementContext context) =>
        new(name, $"requires that no two rows of {context.Display(table)} have the same {(keys.Length == 0 ? "key" : keys)}",
            keys.Length == 0 ? "Delete or merge the conflicting rows first." : "Delete or merge the duplicate rows first; this query finds them:")
        {
            SafeSql = keys.Length == 0 ? null : $"SELECT {keys}, count(*) FROM {context.Display(table)} GROUP BY {keys} HAVING count(*) > 1;",
            HarmlessBecause = context.NewHere(table),
        };
}
