namespace DbSafety.Analysis.Rules;

/// <summary>A constraint goes, and with it what it kept out.</summary>
internal sealed class DropConstraint : AlterRule
{
    public override string Id => "drop-constraint";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("drop", "constraint"))
            return null;
        cursor.Take("if", "exists");
        if (cursor.TakeName() is not { } constraint)
            return null;
        var name = context.Display(table, constraint);
        return new Effect(name, $"drops constraint {name}: what it kept out can come in", "Add its successor in the same transaction, if there is one.");
    }
}
