namespace DbSafety.Analysis.Rules;

/// <summary>A column is added; without a volatile default that is a matter of the catalog alone.</summary>
internal sealed class AddColumn : AlterRule
{
    public override string Id => "add-column";

    public override FindingSeverity Severity => FindingSeverity.Info;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (AlterTable.AddedColumn(action) is not var (column, _))
            return null;
        var name = context.Display(table, column);
        return new Effect(name, $"adds column {name}", "Nothing to do.");
    }
}
