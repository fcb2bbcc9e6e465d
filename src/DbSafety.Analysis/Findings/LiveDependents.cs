using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What depends on something: PostgreSQL refuses a change of a column's type and a DROP then, or drops it along by CASCADE.</summary>
/// <param name="Kind">What is changed or dropped: a column or a constraint of a table, a relation, a type, a domain, a routine, an extension or a schema.</param>
/// <param name="Names">As the live database calls them.</param>
/// <param name="Does">The beginning of the message.</param>
internal sealed record LiveDependents(ObjectKind Kind, IReadOnlyList<RelationName> Names, string Does)
{
    /// <summary>The column or constraint.</summary>
    public string? Part { get; init; }

    /// <summary>The arguments of a routine with their parentheses, as written; empty if there are none.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>The set may have dropped objects that no name identifies, such as casts and operators.</summary>
    public bool MayLackNameless { get; init; }

    /// <summary>The type that the column changes to, as written; null if it is dropped.</summary>
    public string? Type { get; init; }

    /// <summary>The types that the same statement gives to columns of the table.</summary>
    public IReadOnlyDictionary<string, string> Types { get; init; } = new Dictionary<string, string>();

    /// <summary>What the set drops before.</summary>
    public required ImmutableHashSet<(RelationName Name, string? Part)> Gone { get; init; }

    /// <summary>Tables that earlier statements have moved out of the schema that is dropped.</summary>
    public IReadOnlyList<RelationName> Without { get; init; } = [];

    /// <summary>CASCADE drops what depends on it.</summary>
    public bool Cascades { get; init; }

    /// <summary>It is replaced or published, not changed or dropped.</summary>
    public bool IsUsed { get; init; }

    /// <summary>Locks are held until the transaction ends, not only while the statement runs.</summary>
    public bool InTransaction { get; init; }

    /// <summary>All that is dropped before is known.</summary>
    public bool IsCertain { get; init; }

    /// <summary>Null if nothing can stand in conflict.</summary>
    public static LiveDependents? Of(Effect effect, StatementContext context)
    {
        var history = context.History;
        var (name, table) = (context.Display(effect.Object), new[] { history.Live(effect.Table) });
        var found = effect.Cause switch
        {
            TableAction.ChangeType change when IsTable(effect) && !history.IsAdded(effect.Table, change.Column) =>
                new LiveDependents(ObjectKind.Column, table, $"changes the type of {name}") { Part = history.LiveColumn(effect.Table, change.Column), Type = change.Type, Types = TypesOf(effect, context), Gone = AlsoGone(effect, context) },
            TableAction.DropColumn drop when IsTable(effect) && !history.IsAdded(effect.Table, drop.Column) =>
                new LiveDependents(ObjectKind.Column, table, $"drops column {name}") { Cascades = drop.Cascades, Part = history.LiveColumn(effect.Table, drop.Column), Gone = AlsoGone(effect, context) },
            TableAction.DropConstraint drop when IsTable(effect) && !history.IsCreated(effect.Table) && history.Constraint(effect.Table, drop.Name) is null =>
                new LiveDependents(ObjectKind.Constraint, table, $"drops constraint {name}") { Cascades = drop.Cascades, Part = drop.Name, Gone = AlsoGone(effect, context) },
            Command.Drop { Cascades: false, On: null } drop when effect.Object.Name == drop.Names[0] && (ObjectKinds.IsRelation(drop.Kind) || drop.Kind is ObjectKind.Type or ObjectKind.Domain) && !history.IsCreated(effect.Object.Name) =>
                new LiveDependents(drop.Kind, [.. drop.Names.Select(history.Live)], $"drops {ObjectKinds.Words(drop.Kind)} {name}") { Gone = history.Gone.All },
            Command.Drop { Cascades: false, Names: [var dropped], Kind: ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Aggregate or ObjectKind.Extension } drop when context.Routines?.IsOfSet(dropped) != true =>
                new LiveDependents(drop.Kind, [dropped], $"drops {ObjectKinds.Words(drop.Kind)} {name}") { Arguments = ArgumentsOf(context.Statement), MayLackNameless = history.HasDroppedObjects, Gone = history.Gone.All },
            // A type or a function that was moved is not followed.
            Command.Drop { Cascades: false, Names: [var schema], Kind: ObjectKind.Schema } when !history.Gone.IsUncertain =>
                new LiveDependents(ObjectKind.Schema, [schema], $"drops schema {name}") { MayLackNameless = history.HasDroppedObjects, Gone = history.Gone.All.Union(history.Uses.MovedOutOf(schema.Name).Select(t => (t, (string?)null))) },
            Command.Drop { Cascades: true, On: null } drop when effect.Object.Name == drop.Names[0] && drop.Kind != ObjectKind.Schema && !history.IsCreated(effect.Object.Name) =>
                new LiveDependents(drop.Kind, [.. drop.Names.Select(history.Live)], $"drops {ObjectKinds.Words(drop.Kind)} {name}") { Cascades = true, Gone = history.Gone.All },
            // Of a schema it is what is outside it.
            Command.Drop { Cascades: true, Kind: ObjectKind.Schema } drop when effect.Object.Name == drop.Names[0] =>
                new LiveDependents(drop.Kind, drop.Names, $"drops schema {name}") { Cascades = true, Gone = history.Gone.All, Without = [.. drop.Names.SelectMany(n => history.Uses.MovedOutOf(n.Name))] },
            Command.CreateObject { Replaces: true, Kind: ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Aggregate or ObjectKind.View } made =>
                new LiveDependents(made.Kind, [history.Live(made.Name)], $"replaces {ObjectKinds.Words(made.Kind)} {name}") { IsUsed = true, Gone = history.Gone.All },
            Command.CreateObject { Kind: ObjectKind.Trigger, Replaces: true, On: { } on } made when !history.IsCreated(on) =>
                new LiveDependents(ObjectKind.Trigger, [history.Live(on)], $"replaces trigger {made.Name.Display("")} on {context.Display(on)}") { Part = made.Name.Name, IsUsed = true, Gone = history.Gone.All },
            Command.CreateObject { Kind: ObjectKind.Rule, On: { } on } made when !history.IsCreated(on) && RuleActions.Of(context.Statement) is { Event: "select" } =>
                new LiveDependents(ObjectKind.Rule, [history.Live(on)], $"creates a rule ON SELECT on {context.Display(on)}") { IsUsed = true, Gone = history.Gone.All },
            ObjectAction.Other { Words: "set" } when effect.Command is Command.AlterObject { Kind: ObjectKind.Publication, Tables.Count: 0 } altered && context.Statement.Contains("publish") && PublishesChanges(context.Statement) =>
                new LiveDependents(ObjectKind.Publication, [], $"changes what publication {name} publishes") { Part = altered.Name.Name, IsUsed = true, Gone = history.Gone.All },
            Command.CreateObject { Kind: ObjectKind.Publication, Tables.Count: > 0 } made when PublishesChanges(context.Statement) => Published(made.Tables),
            ObjectAction.Other { Words: "add" or "set" } when effect.Command is Command.AlterObject { Kind: ObjectKind.Publication, Tables.Count: > 0 } altered => Published(altered.Tables),
            _ => null,
        };

        LiveDependents Published(IReadOnlyList<RelationName> tables) =>
            new(ObjectKind.Publication, [.. tables.Where(t => !history.IsCreated(t)).Select(history.Live)], $"publishes tables with publication {name}") { IsUsed = true, Gone = history.Gone.All };

        return found is null ? null : found with { InTransaction = context.InBody || context.Script.MayBeInTransaction, IsCertain = !context.InBody && !history.Gone.IsUncertain && history.Catalog.KnowsNames && !history.IsCreatedIfMissing(effect.Table) && !context.Script.SearchPath.IsTouched };
    }

    private static string ArgumentsOf(SqlStatement drop)
    {
        var (open, close) = (drop.Tokens.Select((t, i) => (t, i)).FirstOrDefault(t => t.t.IsMark('(')), drop.Tokens.LastOrDefault(t => t.IsMark(')')));
        return open.i == 0 || close.Start < open.t.Start ? "" : open.t.Source[open.t.Start..close.End];
    }

    /// <summary>ALTER TABLE drops before it changes types.</summary>
    private static ImmutableHashSet<(RelationName Name, string? Part)> AlsoGone(Effect effect, StatementContext context)
    {
        var (gone, live) = (context.History.Gone.All, context.History.Live(effect.Table));
        foreach (var action in ((Command.AlterTable)effect.Command).Actions.Where(a => a != effect.Cause))
        {
            if (action is TableAction.DropColumn column)
                gone = gone.Add((live, context.History.LiveColumn(effect.Table, column.Column)));
            else if (action is TableAction.DropConstraint constraint)
                gone = gone.Add((live, constraint.Name));
            else if (action is TableAction.DropDefault expression)
                gone = gone.Add((live, context.History.LiveColumn(effect.Table, expression.Column)));
        }

        return gone;
    }

    private static Dictionary<string, string> TypesOf(Effect effect, StatementContext context)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var change in ((Command.AlterTable)effect.Command).Actions.OfType<TableAction.ChangeType>())
            types[context.History.LiveColumn(effect.Table, change.Column)] = change.Type;
        return types;
    }

    /// <summary>Not inserts alone.</summary>
    private static bool PublishesChanges(SqlStatement publication) =>
        !publication.Contains("publish") || publication.Text.Contains("update", StringComparison.OrdinalIgnoreCase) || publication.Text.Contains("delete", StringComparison.OrdinalIgnoreCase);

    private static bool IsTable(Effect effect) => effect.Command is Command.AlterTable { Kind: ObjectKind.Table };
}
