namespace DbSafety.Analysis.Rules;

/// <summary>A table gets another name, and code that uses the old one fails at once.</summary>
internal sealed class RenameTable : AlterRule
{
    public override string Id => "rename-table";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("rename", "to") || cursor.TakeName() is not { } to)
            return null;
        var name = context.Display(table);
        return new Effect(name, $"renames {name} to {to}: code that uses the old name fails", $"Keep the old name as a view for the time being: CREATE VIEW {name} AS SELECT * FROM {to};");
    }
}
