using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Sets a column NOT NULL: it fails if there are NULLs.</summary>
internal sealed class SetNotNull : IAnalysisRule
{
    public string Id => "set-not-null";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.SetNotNull set => Empty(effect, set.Column, context) with
        {
            HarmlessBecause = context.NewHere(effect.Table) ?? Filled(effect, set.Column, context)
                ?? (context.History.IsProvenNotNull(effect.Table, set.Column) ? "a CHECK constraint that was validated before proves that there are no NULLs" : null),
        },
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.NotNull, Columns: [var column, ..] } constraint } => Required(effect.Table, column, context) with
        {
            HarmlessBecause = context.CreatedHere(effect.Table) ?? (constraint.IsNotValid ? "NOT VALID does not check existing rows" : null),
        },
        ObjectAction.SetNotNull or ObjectAction.AddConstraint { Constraint: { Kind: ConstraintKind.NotNull, IsNotValid: false } } when effect.Object.Kind == ObjectKind.Domain && context.Display(effect.Object.Name) is var domain => new Verdict(domain, $"requires a value in every row of every column of domain {domain}",
            "Replace the NULLs in its columns first.") { HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "it was created by the same pending migrations" : null },
        _ => null,
    };

    private static string? Filled(Effect effect, string column, StatementContext context) => NewColumns.Of(effect, column, context) switch
    {
        ColumnContent.Same => "the same transaction adds the column, with a default that every row has",
        ColumnContent.Filled => "the same transaction fills every row, under a lock that blocks other writers",
        _ => null,
    };

    /// <summary>A new column without a default is NULL in all rows: it fails unless there are none.</summary>
    private static Verdict Empty(Effect effect, string column, StatementContext context) =>
        NewColumns.Of(effect, column, context) == ColumnContent.Null && Required(effect.Table, column, context) is var required
            ? required with { Alarm = "the new column is NULL in every row", Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table)) { Proves = context.Proves(effect.Table) } }
            : Required(effect.Table, column, context);

    private static Verdict Required(RelationName table, string column, StatementContext context)
    {
        var name = context.Display(table, column);
        return new Verdict(name, $"requires a value in every row of {name}",
            $"Replace the NULLs in {name} first (UPDATE … SET … WHERE {SqlName.Display(column)} IS NULL). A CHECK constraint rejects new NULLs until then:")
        {
            SafeSql = SafeConstraint.NotNullByCheck(table, column, context),
            // What the live database shows of a new column is nothing.
            Question = context.History.IsAdded(table, column) ? null : new LiveQuestion(LiveFactKind.Nulls, context.History.Live(table))
            {
                Column = context.History.LiveColumn(table, column),
                Proves = context.Proves(table),
            },
        };
    }
}
