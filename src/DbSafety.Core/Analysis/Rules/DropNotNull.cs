namespace DbSafety.Analysis.Rules;

/// <summary>A column may be null from now on, which readers may not expect.</summary>
internal sealed class DropNotNull : AlterRule
{
    public override string Id => "drop-not-null";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (Column(action, "drop", "not", "null") is not { } column)
            return null;
        var name = context.Display(table, column);
        return new Effect(name, $"lets {name} be null: code that does not expect it fails on the first one", $"Ship a release that can read a null in {name} first.");
    }
}
