using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Every row must fulfil a condition: it fails on the first that does not.</summary>
internal sealed class AddCheck() : ConstraintRule("add-check", FindingSeverity.MayFail)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context)
    {
        if (constraint is not { Kind: ConstraintKind.Check, IsNotValid: false })
            return null;
        var condition = constraint.Expression ?? constraint.Text;
        var live = context.History.Live(table);
        return new Verdict(name, $"requires {condition} of every row of {context.Display(table)}", "Mend the rows that do not hold to it first, or add it with NOT VALID, which leaves them alone:")
        {
            SafeSql = SafeConstraint.NotValid(constraint, table, context),
            Question = new LiveQuestion(LiveFactKind.Violations, live) { Condition = $"SELECT count(*) FROM {live.Sql} WHERE NOT ({condition})", Proves = context.Proves(table) },
        };
    }
}
