namespace DbSafety.Analysis.Rules;

/// <summary>A column gets another name, and code that uses the old one fails at once.</summary>
internal sealed class RenameColumn : AlterRule
{
    public override string Id => "rename-column";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (AlterTable.RenamedColumn(action) is not var (from, to))
            return null;
        var name = context.Display(table, from);
        return new Effect(name, $"renames {name} to {to}: code that uses the old name fails", $"Add {to} as a new column, write both, move the readers over, and drop {name} in a later release.")
        {
            HarmlessBecause = context.History.IsAdded(table, from) ? "it was made by the same pending migrations" : null,
        };
    }
}
