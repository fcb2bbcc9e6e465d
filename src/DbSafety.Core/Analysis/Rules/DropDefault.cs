namespace DbSafety.Analysis.Rules;

/// <summary>A column loses its default; inserts that leave it out get null, or fail.</summary>
internal sealed class DropDefault : AlterRule
{
    public override string Id => "drop-default";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (Column(action, "drop", "default") is not { } column)
            return null;
        var name = context.Display(table, column);
        return new Effect(name, $"takes the default of {name} away: inserts that leave it out change or fail", $"Ship a release that always gives {name} a value first.");
    }
}
