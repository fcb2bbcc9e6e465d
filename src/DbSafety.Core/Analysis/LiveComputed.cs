using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Raised;

namespace DbSafety.Analysis;

/// <summary>What of the live database a statement makes PostgreSQL compute: defaults, checks, triggers and others call functions that the statement does not name.</summary>
/// <param name="Name">A table, view or type, as the live database calls it.</param>
/// <param name="Kind">insert, update, delete, truncate, validate, rewrite, read or type.</param>
/// <param name="Constraint">The one that is validated.</param>
internal sealed record LiveComputed(RelationName Name, string Kind, string? Constraint = null)
{
    /// <summary>The columns that an UPDATE assigns to, each on a line of its own; empty where they are not known.</summary>
    public string Columns { get; init; } = "";

    /// <summary>The triggers of the table that earlier statements have enabled, each on a line of its own; an empty line stands for all others.</summary>
    public string Enabled { get; init; } = "";

    /// <summary>Those that they have disabled or dropped.</summary>
    public string Disabled { get; init; } = "";

    public static IEnumerable<LiveComputed> Of(Command command, StatementContext context)
    {
        var history = context.History;
        foreach (var of in RowEvent.Of(command, history).Where(e => e.Kind != StoredExpression.Validation && !history.IsCreated(e.Table)))
        {
            var live = history.Live(of.Table);
            yield return new LiveComputed(live, of.Kind)
            {
                Columns = of is { Kind: "update", Change: { } change } && change.Table == of.Table ? string.Concat(change.Columns.Select(c => history.LiveColumn(of.Table, c) + "\n")) : "",
                Enabled = history.Triggers.Of(live, isEnabled: true),
                Disabled = history.Triggers.Of(live, isEnabled: false),
            };
        }

        if (command is Command.AlterTable table && !history.IsCreated(table.Name))
        {
            foreach (var validated in table.Actions.OfType<TableAction.ValidateConstraint>())
                yield return new LiveComputed(history.Live(table.Name), StoredExpression.Validation, validated.Name);
            if (table.Actions.Any(a => a is TableAction.ChangeType))
                yield return new LiveComputed(history.Live(table.Name), "rewrite");
        }

        if (command is Command.Refresh refresh)
            yield return new LiveComputed(refresh.View, "read");
        if (OutsideEffects.From(context.Statement, command) is null)
            yield break;
        foreach (var read in ReadTables.Of(context.Statement, context.Script.SearchPath.Schema).Where(t => !history.IsCreated(t)))
            yield return new LiveComputed(history.Live(read), "read");
        foreach (var type in Casts(context))
            yield return new LiveComputed(type, "type");
    }

    /// <summary>The types behind <c>::</c> and in CAST (… AS type).</summary>
    private static IEnumerable<RelationName> Casts(StatementContext context)
    {
        var tokens = context.Statement.Tokens;
        var casts = context.Statement.Contains("cast");
        for (var i = 2; i < tokens.Count; i++)
        {
            if (!tokens[i].IsName || !((tokens[i - 1].IsMark(':') && tokens[i - 2].IsMark(':')) || (casts && tokens[i - 1].Is("as"))))
                continue;
            var cursor = new TokenCursor(tokens);
            cursor.BackTo(i);
            if (cursor.TakeRelation(context.Script.SearchPath.Schema) is { } type)
                yield return type;
        }
    }
}
