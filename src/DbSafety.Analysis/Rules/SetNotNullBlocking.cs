using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Reads every row to check that a column contains no NULLs, under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class SetNotNullBlocking : IAnalysisRule
{
    public string Id => "set-not-null-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.SetNotNull set => OfColumn(effect.Table, set.Column, context),
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.NotNull, IsNotValid: false, Columns: [var column, ..] } } => OfColumn(effect.Table, column, context),
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.PrimaryKey, UsingIndex: { } index } } => OfKey(effect, index, context),
        ObjectAction.SetNotNull or ObjectAction.AddConstraint { Constraint: { Kind: ConstraintKind.NotNull, IsNotValid: false } } when effect.Object.Kind == ObjectKind.Domain => OfDomain(effect.Object.Name, context),
        _ => null,
    };

    private static Verdict OfColumn(RelationName table, string column, StatementContext context)
    {
        var name = context.Display(table, column);
        return new Verdict(name, $"sets {name} NOT NULL", "and reads every row", "Validate a CHECK constraint first, which avoids the long lock:")
        {
            SafeSql = SafeConstraint.NotNullByCheck(table, column, context),
            HarmlessBecause = context.CreatedHere(table) ?? (context.History.IsProvenNotNull(table, column) ? "a CHECK constraint that was validated before proves that there are no NULLs" : null),
            Question = context.History.IsAdded(table, column) ? null : new LiveQuestion(LiveFactKind.Read, context.History.Live(table)) { Column = context.History.LiveColumn(table, column) },
        };
    }

    /// <summary>The index is there, but its columns may hold nulls, and a key's must not.</summary>
    private static Verdict OfKey(Effect effect, string index, StatementContext context)
    {
        var table = context.Display(effect.Table);
        return new Verdict(table, $"sets the columns of index {SqlName.Display(index)} NOT NULL", "and reads every row if one of them allows NULL",
            "Set its columns NOT NULL first, with a CHECK constraint that is added with NOT VALID and then validated.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table),
            Question = new LiveQuestion(LiveFactKind.Read, context.History.Live(effect.Table)) { Condition = index },
        };
    }

    private static Verdict OfDomain(RelationName domain, StatementContext context)
    {
        var name = context.Display(domain);
        return new Verdict(name, $"sets domain {name} NOT NULL", "and reads every row of the tables that use it", "Do not change the domain, and set the columns NOT NULL individually.")
        {
            HarmlessBecause = context.History.Types.IsOfSet(domain) ? "it was created by the same pending migrations" : null,
        };
    }
}
