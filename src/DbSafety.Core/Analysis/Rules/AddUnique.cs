using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>No two rows may have the same key: it fails while some do.</summary>
internal sealed class AddUnique : IAnalysisRule
{
    public string Id => "add-unique";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.Unique or ConstraintKind.PrimaryKey or ConstraintKind.Exclude, UsingIndex: null } constraint } => Constraint(constraint, effect, context),
        Command.CreateIndex { IsUnique: true } index => Index(index, effect, context),
        _ => null,
    };

    private static Verdict Constraint(ConstraintDefinition constraint, Effect effect, StatementContext context) =>
        Verdict(context.Display(effect.Object), effect.Table, string.Join(", ", constraint.Columns.Select(SqlName.Display)), context) is var verdict && constraint.Kind == ConstraintKind.PrimaryKey
            ? verdict with { Does = $"{verdict.Does}, and that none is null", Question = SafeConstraint.ViolationsOf(constraint, effect.Table, context) }
            : verdict with { Question = SafeConstraint.DuplicatesOf(constraint, effect.Table, context) };

    private static Verdict Index(Command.CreateIndex index, Effect effect, StatementContext context)
    {
        var live = context.History.Live(index.Table);
        var known = index.Keys is not null && !index.Keys.Any(k => context.History.IsAdded(index.Table, k.Trim('"')));
        return Verdict(context.Display(effect.Object), index.Table, index.Keys is null ? "" : string.Join(", ", index.Keys), context) with
        {
            Question = known
                ? new LiveQuestion(LiveFactKind.Duplicates, live)
                {
                    Condition = SafeConstraint.Duplicates(live.Sql, index.Keys!, index.Where, index.NullsNotDistinct),
                    // Built CONCURRENTLY it meets what others have written meanwhile.
                    Proves = !index.IsConcurrent && context.Proves(index.Table),
                }
                : null,
        };
    }

    private static Verdict Verdict(string name, RelationName table, string keys, StatementContext context) =>
        new(name, $"requires that no two rows of {context.Display(table)} have the same {(keys.Length == 0 ? "key" : keys)}",
            keys.Length == 0 ? "Remove or merge the rows that exclude each other first." : "Remove or merge the doubled rows first; this finds them:")
        {
            SafeSql = keys.Length == 0 ? null : $"SELECT {keys}, count(*) FROM {context.Display(table)} GROUP BY {keys} HAVING count(*) > 1;",
            HarmlessBecause = context.NewHere(table),
        };
}
