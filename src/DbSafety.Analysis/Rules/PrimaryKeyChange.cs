using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Adds or drops a primary key: foreign keys, replication and code that uses it are affected.</summary>
internal sealed class PrimaryKeyChange() : IAnalysisRule
{
    public string Id => "primary-key-change";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var does = effect.Cause switch
        {
            TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.PrimaryKey, UsingIndex: not null } } =>
                "adds a primary key to {0}, and reads every row unless its columns are NOT NULL already",
            TableAction.AddConstraint { Constraint.Kind: ConstraintKind.PrimaryKey } => "adds a primary key to {0}",
            TableAction.AddColumn { Column.IsPrimaryKey: true } => "adds a primary key to {0}",
            TableAction.DropConstraint drop when IsPrimaryKey(drop, effect, context) => "drops the primary key of {0}",
            _ => null,
        };
        if (does is null)
            return null;
        var table = context.Display(effect.Table);
        return new Verdict(context.Display(effect.Object), does.Replace("{0}", table, StringComparison.Ordinal), "foreign keys, logical replication and code that use it are affected",
            "Create a unique index for the new key, change the foreign keys that reference the old key, and replace the old key in one transaction at the end.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table),
        };
    }

    /// <summary>PostgreSQL's default name is table_pkey.</summary>
    private static bool IsPrimaryKey(TableAction.DropConstraint drop, Effect effect, StatementContext context) =>
        context.History.Constraint(effect.Table, drop.Name) is { } known ? known.Kind == ConstraintKind.PrimaryKey : drop.Name.EndsWith("_pkey", StringComparison.Ordinal);
}
