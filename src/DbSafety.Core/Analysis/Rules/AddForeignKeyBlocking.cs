namespace DbSafety.Analysis.Rules;

/// <summary>Both tables are locked against writing while every row is checked.</summary>
internal sealed class AddForeignKeyBlocking : AlterRule
{
    public override string Id => "add-foreign-key-blocking";

    public override FindingSeverity Severity => FindingSeverity.Blocking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (Constraint(action, "foreign", "key") is not { } constraint || Has(action, "not", "valid"))
            return null;
        var name = context.Display(table, constraint);
        return new Effect(name, $"adds foreign key {name} and checks every row; both tables cannot be written meanwhile", "Add it with NOT VALID, and VALIDATE CONSTRAINT in a later migration.");
    }
}
