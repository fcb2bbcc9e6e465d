using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>Changes where or how a table or an index is stored, or adds a column of a domain: it is rewritten under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class RewriteTable : IAnalysisRule
{
    public string Id => "rewrite-table";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect is { Cause: TableAction.AddColumn add, Command: Command.AlterTable { Kind: ObjectKind.Table } })
            return OfDomain(add.Column, effect, context);
        if (effect.Cause is not (TableAction.Rewrite or TableAction.SetExpression) || effect.Command is not Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.MaterializedView or ObjectKind.Index })
            return null;
        if (effect.Object.Kind == ObjectKind.Index)
            return OfIndex(effect, context);
        var table = context.Display(effect.Table);
        var what = effect.Cause is TableAction.Rewrite rewrite ? rewrite.Words : "set expression";
        return new Verdict(context.Display(effect.Object), $"{what.ToUpperInvariant()} rewrites {table}", "Run it at a time of low load, or create a new table, fill it in batches, and switch to it.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table),
        };
    }

    /// <summary>
    /// A domain's constraints are checked for every row, even where the new column is null in all of them
    /// (https://www.postgresql.org/docs/current/sql-altertable.html, notes). Whether a type is a domain is known if the set created it, or from the database.
    /// </summary>
    private static Verdict? OfDomain(ColumnDefinition column, Effect effect, StatementContext context)
    {
        var type = TypeConversion.TypeName(column.Type);
        var isKnown = context.History.Types.IsCheckedDomain(type);
        if (!isKnown && (context.ServerMajor is null || context.InBody || context.History.Types.IsOfSet(type) || column.Type.Length == 0 || !TypeConversion.IsUserDefined(column.Type)))
            return null;
        var (name, table) = (context.Display(effect.Object), context.Display(effect.Table));
        return new Verdict(name, $"adds column {name} of domain {column.Type}, whose constraints require a rewrite of {table}",
            "Add the column with the base type of the domain, add the domain's conditions as a CHECK constraint with NOT VALID, and validate it.")
        {
            Question = isKnown ? null : new LiveQuestion(LiveFactKind.Rewritten, context.History.Live(effect.Table)) { Condition = column.Type },
            HarmlessBecause = context.CreatedHere(effect.Table),
        };
    }

    private static Verdict OfIndex(Effect effect, StatementContext context)
    {
        var index = context.Display(effect.Object);
        return new Verdict(index, $"rewrites index {index}", $"Use REINDEX (TABLESPACE …) INDEX CONCURRENTLY {index} (PostgreSQL 14 and later).")
        {
            HarmlessBecause = context.History.IsCreatedIndex(effect.Object.Name) ? "it was created by the same pending migrations" : null,
        };
    }
}
