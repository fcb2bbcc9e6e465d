using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Each row gets a different value, so the table is rewritten under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class AddColumnVolatileDefault() : TableActionRule<TableAction.AddColumn>("add-column-volatile-default", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.AddColumn action, RelationName table, StatementContext context)
    {
        var column = action.Column;
        var source = column.VolatileFunction is { } function ? $"{function}()" : column.IsIdentity || column.IsSerial ? "a sequence" : null;
        if (source is null)
            return null;
        var (name, short_) = (context.Display(table, column.Name), SqlName.Display(column.Name));
        return new Verdict(name, $"adds column {name} with a value from {source} in every row", "and rewrites the table",
            "Add the column without the default, set the default for new rows, and fill existing rows in batches:")
        {
            SafeSql = column.VolatileFunction is null ? null
                : $"ALTER TABLE {context.Display(table)} ADD COLUMN {short_} {column.Type};\nALTER TABLE {context.Display(table)} ALTER COLUMN {short_} SET DEFAULT {column.Default};",
        };
    }
}
