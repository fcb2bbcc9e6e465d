namespace DbSafety.Analysis.Rules;

/// <summary>The table is locked while every row is checked.</summary>
internal sealed class AddCheckBlocking : AlterRule
{
    public override string Id => "add-check-blocking";

    public override FindingSeverity Severity => FindingSeverity.Blocking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (Constraint(action, "check") is not { } constraint || Has(action, "not", "valid"))
            return null;
        var name = context.Display(table, constraint);
        return new Effect(name, $"adds check {name} and tests every row; the table can neither be read nor written meanwhile", "Add it with NOT VALID, and VALIDATE CONSTRAINT in a later migration.");
    }
}
