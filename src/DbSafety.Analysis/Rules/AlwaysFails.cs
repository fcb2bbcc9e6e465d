using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>PostgreSQL refuses the statement whatever the data: a CHECK or DEFAULT contains a subquery, or a column is changed before the same statement adds it.</summary>
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
        if (OfNewColumn(effect) is { } does)
            return new Verdict(name, $"{does} of {name}, which the same statement adds", "PostgreSQL does that before it adds the column, so the statement fails", "Specify it in the definition of the new column, or in a later statement.") { Fails = true };
        if (constraints.Any(c => c is { Kind: ConstraintKind.Check, Expression: { } condition } && HasQuery(condition)))
            return Refused(name, "a CHECK constraint", "Use a foreign key, or a trigger that checks what is written.");
        return columns.Any(c => c.Default is { } value && HasQuery(value)) ? Refused(name, "a DEFAULT", "Use a trigger that computes the value.") : null;
    }

    /// <summary>DROP and ALTER TYPE are the first passes of an ALTER TABLE, wherever in the statement they stand.</summary>
    private static string? OfNewColumn(Effect effect)
    {
        if (effect.Command is not Command.AlterTable { Actions.Count: > 1, IfExists: false } alter)
            return null;
        var (column, does) = effect.Cause switch
        {
            TableAction.DropDefault { What: "default" } drop => (drop.Column, "drops the default"),
            TableAction.DropNotNull drop => (drop.Column, "drops NOT NULL"),
            TableAction.ChangeType change => (change.Column, "changes the type"),
            _ => ("", ""),
        };
        return does.Length > 0 && alter.Actions.Any(a => a is TableAction.AddColumn { IfNotExists: false } add && add.Column.Name == column)
            && !alter.Actions.Any(a => a is TableAction.DropColumn drop && drop.Column == column) ? does : null;
    }

    private static Verdict Refused(string name, string where, string remedy) => new(name, $"uses a subquery in {where}", "PostgreSQL refuses that, whatever the data", remedy) { Fails = true };

    private static bool HasQuery(string expression) => SqlSplitter.Split(expression) is [var only, ..] && only.Contains("select");
}
