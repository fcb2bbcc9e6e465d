using DbSafety.Analysis.Commands;
using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>A column may hold no nulls any more: it fails while there are some.</summary>
internal sealed class SetNotNull() : TableActionRule<TableAction.SetNotNull>("set-not-null", FindingSeverity.MayFail)
{
    protected override Verdict? Judge(TableAction.SetNotNull action, RelationName table, StatementContext context)
    {
        var (name, column) = (context.Display(table, action.Column), SqlName.Display(action.Column));
        var check = SqlName.Display(SqlName.WithSuffix($"{table.Name}_{action.Column}", "_not_null"));
        var alter = $"ALTER TABLE {context.Display(table)}";
        return new Verdict(name, $"requires a value in {name}, and reads every row while nobody else can read or write",
            $"Fill the nulls of {name} first (UPDATE … SET … WHERE {column} IS NULL). A check that was validated before spares the long lock:")
        {
            SafeSql = $"{alter} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\n{alter} VALIDATE CONSTRAINT {check};\n{alter} ALTER COLUMN {column} SET NOT NULL;\n{alter} DROP CONSTRAINT {check};",
            // What the live database shows of a new column is nothing.
            Question = context.History.IsAdded(table, action.Column) ? null : new LiveQuestion(LiveFactKind.Nulls, context.History.Live(table))
            {
                Column = context.History.LiveColumn(table, action.Column),
                Proves = context.Proves(table),
            },
            HarmlessBecause = context.History.IsProvenNotNull(table, action.Column) ? "a check that was validated above has shown that there are no nulls" : null,
        };
    }
}
