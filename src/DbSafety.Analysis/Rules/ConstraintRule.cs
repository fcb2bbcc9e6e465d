using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A rule for constraints that are added to a table, by ADD CONSTRAINT or with an added column.</summary>
internal abstract class ConstraintRule(string id, FindingSeverity severity) : IAnalysisRule
{
    public string Id => id;

    public FindingSeverity Severity => severity;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect is { Object.Kind: ObjectKind.Domain, Cause: ObjectAction } && JudgeDomain(effect, context) is { } found)
            return context.History.Types.IsOfSet(effect.Object.Name) ? found with { HarmlessBecause = "it was created by the same pending migrations" } : found;
        if (effect.Command is not Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.ForeignTable })
            return null;
        var verdict = effect.Cause switch
        {
            TableAction.AddConstraint add => Certain(add.Constraint, effect, context, Judge(add.Constraint, effect.Table, context.Display(effect.Object), context)),
            TableAction.AddColumn add => AtColumn(add.Column, effect, context),
            _ => null,
        };
        return verdict is { HarmlessBecause: null } && context.NewHere(effect.Table) is { } reason ? verdict with { HarmlessBecause = reason } : verdict;
    }

    protected abstract Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context);

    /// <summary>A domain's constraints are those of every column of it.</summary>
    protected virtual Verdict? JudgeDomain(Effect effect, StatementContext context) => null;

    /// <summary>Whether it can matter for a column that is only just added.</summary>
    protected virtual bool Concerns(ColumnDefinition column, ConstraintDefinition constraint) => true;

    private Verdict? Certain(ConstraintDefinition constraint, Effect effect, StatementContext context, Verdict? verdict) =>
        Severity == FindingSeverity.MayFail && verdict is { HarmlessBecause: null } && CertainConstraint.Reason(constraint, effect, context) is { } reason ? verdict with { HarmlessBecause = reason } : verdict;

    private Verdict? AtColumn(ColumnDefinition column, Effect effect, StatementContext context)
    {
        foreach (var constraint in column.Constraints)
        {
            var name = constraint.Name is null ? context.Display(effect.Object) : context.Display(effect.Table, constraint.Name);
            if (Concerns(column, constraint) && Judge(constraint, effect.Table, name, context) is { } verdict)
                return Certain(constraint, effect, context, verdict with { Question = null });
        }

        return null;
    }
}
