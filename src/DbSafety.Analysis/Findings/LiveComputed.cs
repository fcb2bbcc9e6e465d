using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What of the live database a statement makes PostgreSQL compute: defaults, checks, triggers and others call functions that the statement does not name.</summary>
/// <param name="Name">A table, view or type, as the live database calls it; an operator, a cast's type or a function for their kinds.</param>
/// <param name="Kind">insert, update, delete, truncate, validate, rewrite, read, type, column (a new one of that type), operator or field.</param>
/// <param name="Constraint">The one that is validated.</param>
internal sealed record LiveComputed(RelationName Name, string Kind, string? Constraint = null)
{
    /// <summary>The role is set at run time.</summary>
    public const string AnyRole = "?";

    /// <summary>The columns that an UPDATE assigns to, or that an INSERT lists, each on a line of its own; empty if they are not known.</summary>
    public string Columns { get; init; } = "";

    /// <summary>The columns that an UPDATE sets to their default, each on a line of its own.</summary>
    public string Defaulted { get; init; } = "";

    /// <summary>The triggers of the table that earlier statements have enabled, disabled or dropped, as <see cref="TriggerSwitches.Of"/> lists them.</summary>
    public string Triggers { get; init; } = "";

    /// <summary>The same of its rules.</summary>
    public string Rules { get; init; } = "";

    /// <summary>session_replication_role; empty: the connection's own.</summary>
    public string Role { get; init; } = "";

    /// <summary>COPY, which raises no rules.</summary>
    public bool IsCopy { get; init; }

    /// <summary>TRUNCATE … CASCADE.</summary>
    public bool Cascades { get; init; }

    public static IEnumerable<LiveComputed> Of(Command command, StatementContext context)
    {
        var history = context.History;
        foreach (var of in Of(RowEvent.Of(command, history).Where(e => context.CreatedHere(e.Table) is null && !context.IsTemporaryView(e.Table)), context))
            yield return of with { IsCopy = command is Command.Copy };

        if (command is Command.AlterTable table && context.CreatedHere(table.Name) is null)
        {
            foreach (var validated in table.Actions.OfType<TableAction.ValidateConstraint>())
                yield return new LiveComputed(history.Live(table.Name), StoredExpression.Validation, validated.Name);
            if (table.Actions.Any(a => a is TableAction.ChangeType))
                yield return new LiveComputed(history.Live(table.Name), "rewrite");
        }

        // A domain has a default where the column has none of its own.
        foreach (var add in command is Command.AlterTable altered ? altered.Actions.OfType<TableAction.AddColumn>() : [])
        {
            if (SqlSplitter.Split(add.Column.Type) is [var type] && new TokenCursor(type.Tokens).TakeRelation(context.Script.SearchPath.Schema) is { } named)
                yield return new LiveComputed(named, add.Column.SaysDefault || add.Column.FillsItself ? "type" : "column");
        }

        if (command is Command.Refresh refresh)
            yield return new LiveComputed(refresh.View, "read");
        if (BodyEffects.From(context.Statement, command) is null)
            yield break;
        foreach (var read in OutsideEffects.From(context.Statement, command) is null ? [] : ReadTables.Of(context.Statement, context.Script.SearchPath.Schema).Where(t => !history.IsCreated(t)))
            yield return new LiveComputed(history.Live(read), "read");
        foreach (var hidden in HiddenCall.In(context.Statement.Tokens, context.Script.SearchPath.Schema))
            yield return new LiveComputed(hidden.Name, hidden.Kind);
    }

    /// <summary>What changes of rows make it compute, of tables that the set has not made.</summary>
    public static IEnumerable<LiveComputed> Of(IEnumerable<RowEvent> events, StatementContext context)
    {
        var (history, settings) = (context.History, context.Script.Settings);
        // What an update of a partition key raises is read with that update.
        foreach (var of in events.Where(e => e.MovedBy is null && e.Kind != StoredExpression.Validation && !history.IsCreated(e.Table)))
        {
            var live = history.Live(of.Table);
            string Lines(IEnumerable<string> columns) => string.Concat(columns.Select(c => history.LiveColumn(of.Table, c) + "\n"));
            yield return new LiveComputed(live, of.Kind)
            {
                Columns = of.Change is not { } change || change.Table != of.Table ? "" : of.Kind == "update" ? Lines(change.Columns) : context.Statement.IsAbridged ? "" : Lines(change.Listed),
                Defaulted = of is { Kind: "update", Change: { } update } ? Lines(update.Defaulted) : "",
                Triggers = history.Triggers.Of(live, isRule: false),
                Rules = history.Triggers.Of(live, isRule: true),
                Role = settings.IsUnknown(ScriptSettings.ReplicationRole) ? AnyRole : settings.Of(ScriptSettings.ReplicationRole) is [var role] ? role.ToLowerInvariant() : "",
                Cascades = of.Cascades,
            };
        }
    }
}
