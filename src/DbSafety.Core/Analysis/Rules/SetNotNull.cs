using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>A column may hold no nulls any more: it fails while there are some.</summary>
internal sealed class SetNotNull : IAnalysisRule
{
    public string Id => "set-not-null";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.SetNotNull set => Required(effect.Table, set.Column, context) with
        {
            HarmlessBecause = context.NewHere(effect.Table)
                ?? (context.History.IsProvenNotNull(effect.Table, set.Column) ? "a check that was validated above has shown that there are no nulls" : null),
        },
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.NotNull, Columns: [var column, ..] } constraint } => Required(effect.Table, column, context) with
        {
            HarmlessBecause = context.MadeHere(effect.Table) ?? (constraint.IsNotValid ? "with NOT VALID the rows that are there are left alone" : null),
        },
        _ => null,
    };

    private static Verdict Required(RelationName table, string column, StatementContext context)
    {
        var (name, quoted) = (context.Display(table, column), SqlName.Display(column));
        var check = SqlName.Display(SqlName.WithSuffix($"{table.Name}_{column}", "_not_null"));
        var alter = $"ALTER TABLE {context.Display(table)}";
        return new Verdict(name, $"requires a value in {name}, and reads every row while nobody else can read or write",
            $"Fill the nulls of {name} first (UPDATE … SET … WHERE {quoted} IS NULL). A check that was validated before spares the long lock:")
        {
            SafeSql = $"{alter} ADD CONSTRAINT {check} CHECK ({quoted} IS NOT NULL) NOT VALID;\n{alter} VALIDATE CONSTRAINT {check};\n{alter} ALTER COLUMN {quoted} SET NOT NULL;\n{alter} DROP CONSTRAINT {check};",
            // What the live database shows of a new column is nothing.
            Question = context.History.IsAdded(table, column) ? null : new LiveQuestion(LiveFactKind.Nulls, context.History.Live(table))
            {
                Column = context.History.LiveColumn(table, column),
                Proves = context.Proves(table),
            },
        };
    }
}
