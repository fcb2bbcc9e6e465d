using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>PostgreSQL refuses the statement whatever the data: a CHECK or DEFAULT holds a subquery.</summary>
internal sealed class AlwaysFails : IAnalysisRule
{
    public const string RuleId = "always-fails";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var (constraints, columns) = effect.Cause switch
        {
            TableAction.AddConstraint add => ([add.Constraint], []),
            ObjectAction.AddConstraint add => ([add.Constraint], []),
            TableAction.AddColumn add => (add.Column.Constraints, [add.Column]),
            Command.CreateTable made => ([.. made.Constraints, .. made.Columns.SelectMany(c => c.Constraints)], made.Columns),
            _ => ((IReadOnlyList<ConstraintDefinition>)[], (IReadOnlyList<ColumnDefinition>)[]),
        };
        var name = context.Display(effect.Object);
        if (constraints.Any(c => c is { Kind: ConstraintKind.Check, Expression: { } condition } && HasQuery(condition)))
            return Refused(name, "a CHECK constraint", "Use a foreign key, or a trigger that checks what is written.");
        return columns.Any(c => c.Default is { } value && HasQuery(value)) ? Refused(name, "a DEFAULT", "Use a trigger that computes the value.") : null;
    }

    private static Verdict Refused(string name, string where, string remedy) => new(name, $"uses a subquery in {where}", "PostgreSQL refuses that, whatever the rows are", remedy) { Fails = true };

    private static bool HasQuery(string expression) => SqlSplitter.Split(expression) is [var only, ..] && only.Contains("select");
}
