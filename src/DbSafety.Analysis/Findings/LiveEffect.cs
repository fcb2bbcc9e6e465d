using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Findings;

/// <summary>An effect of a statement that meets what the live database's catalog shows: it shows whether PostgreSQL refuses it, or whether it does nothing.</summary>
internal sealed record LiveEffect(Effect Effect, SqlStatement Statement)
{
    /// <summary>Of statements with more actions none is looked at.</summary>
    private const int MostActions = 100;

    /// <summary>No earlier statement has changed rows.</summary>
    public required bool IsRowsCertain { get; init; }

    /// <summary>Earlier statements may have changed all that the statement meets, but not that nothing of that name is there.</summary>
    public bool ShowsAbsenceAlone { get; init; }

    /// <summary>ALTER TABLE ONLY.</summary>
    public bool IsOnly => Statement.StartsWith("alter", "table", "only") || Statement.StartsWith("alter", "table", "if", "exists", "only");

    /// <summary>Null if the catalog cannot be asked about it.</summary>
    public static LiveEffect? Of(Effect effect, StatementContext context)
    {
        if (context.ServerMajor is null || context.InBody || context.IsUndo || context.Script.SearchPath.IsTouched || context.Statement.IsAbridged
            || effect.Cause is not (TableAction or ObjectAction or Command.CreateTable or Command.CreateIndex or Command.CreateObject or Command.Drop))
            return null;
        var isShown = IsAlone(effect, context.Statement) && context.History.Catalog.Shows(context.Statement);
        if (!isShown && !(IsOptional(effect) && context.History.Catalog.ShowsAbsenceOf(context.Statement)))
            return null;
        return new LiveEffect(effect, context.Statement) { ShowsAbsenceAlone = !isShown, IsRowsCertain = context.Proves(effect.Table) && !context.History.HasChangedRows && !context.History.Written.IsUnseen };
    }

    /// <summary>ALTER TABLE drops before it adds, wherever in the statement that stands.</summary>
    private static bool IsOptional(Effect effect) => effect.Cause is Command.Drop { IfExists: true } or TableAction.DropConstraint { IfExists: true };

    /// <summary>No other action of the statement changes what this one meets.</summary>
    private static bool IsAlone(Effect effect, SqlStatement statement) => effect.Command switch
    {
        Command.AlterTable { Actions.Count: > 1 } alter => alter.Actions.Count <= MostActions && alter.Actions.All(a => a is TableAction.AddColumn add && !add.Column.Constraints.Any(c => c.Referenced is not null)),
        Command.AlterObject alter => alter.Actions.Count == 1,
        Command.CreateObject { Kind: ObjectKind.Schema } => true,
        // What CREATE SCHEMA creates in it has its schema.
        _ => !statement.StartsWith("create", "schema"),
    };
}
