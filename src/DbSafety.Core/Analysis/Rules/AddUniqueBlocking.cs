namespace DbSafety.Analysis.Rules;

/// <summary>The table is locked while the index of a unique constraint is built.</summary>
internal sealed class AddUniqueBlocking : AlterRule
{
    public override string Id => "add-unique-blocking";

    public override FindingSeverity Severity => FindingSeverity.Blocking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (Has(action, "using", "index") || (Constraint(action, "unique") ?? Constraint(action, "primary", "key")) is not { } constraint)
            return null;
        var name = context.Display(table, constraint);
        return new Effect(name, $"adds {name} and builds its index; the table can neither be read nor written meanwhile", "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX.");
    }
}
