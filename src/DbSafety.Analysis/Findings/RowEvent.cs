using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What a statement does to the rows of a table, as the table's triggers and rules see it.</summary>
/// <param name="Kind">insert, update, delete, truncate or, for a check of the rows that are there, validate.</param>
/// <param name="Change">Null for COPY and TRUNCATE.</param>
internal sealed record RowEvent(RelationName Table, string Kind, RowChange? Change)
{
    public const string WhereMoved = ", where the update moves rows between partitions";

    /// <summary>
    /// An UPDATE deletes rows from one partition and inserts them into another (https://www.postgresql.org/docs/current/sql-update.html): the columns that it assigns to, one of which is in the
    /// partition key; empty if they are not known. Null: the statement itself is that change.
    /// </summary>
    public IReadOnlyList<string>? MovedBy { get; init; }

    /// <summary>Whether the table is partitioned by one of <see cref="MovedBy"/> only the live database knows.</summary>
    public bool IsMoveUncertain { get; init; }

    /// <summary>TRUNCATE … CASCADE, which reaches the tables that reference it.</summary>
    public bool Cascades { get; init; }

    /// <summary>What foreign keys of the set do to existing tables that refer to the rows.</summary>
    public static IEnumerable<RowEvent> ByKeys(Command command, SchemaHistory history) =>
        from change in command.Changes
        where change.Kind != RowChangeKind.Insert
        from key in history.ForeignKeys.Added
        where key.Key.Referenced == history.LiveKey(change.Stored)
        let isUpdate = change.Kind == RowChangeKind.Update
        where isUpdate ? LiveUpdate.Of(change, history) is { } update && update.MayChange(key.Key) && (key.OnUpdate is 'c' or 'n' or 'd') : key.OnDelete is 'c' or 'n' or 'd'
        select new RowEvent(key.Table, !isUpdate && key.OnDelete == 'c' ? "delete" : "update", new RowChange(RowChangeKind.Update, key.Table, key.Table.Sql, null, Joins: true) { Columns = key.Key.Columns });

    public static IEnumerable<RowEvent> Of(Command command, SchemaHistory history)
    {
        foreach (var change in command.Changes)
        {
            var kind = change.Kind switch { RowChangeKind.Insert => "insert", RowChangeKind.Update => "update", _ => "delete" };
            yield return new RowEvent(change.Table, kind, change);
            // A change of the rows of a view is one of the table behind it.
            if (history.View(change.Table) is { Base: { } table })
                yield return new RowEvent(table, kind, change);
        }

        foreach (var change in command.Changes.Where(c => c.Kind == RowChangeKind.Update))
        {
            var behind = history.View(change.Table)?.Base;
            var (table, columns) = (behind ?? change.Table, behind is null ? change.Columns.Select(c => history.LiveColumn(change.Table, c)).ToList() : []);
            var isPartitioned = history.IsPartitionedBy(table, behind is null ? change.Columns : []);
            foreach (var kind in isPartitioned || !history.IsCreated(table) ? new[] { "delete", "insert" } : [])
                yield return new RowEvent(table, kind, change) { MovedBy = columns, IsMoveUncertain = !isPartitioned };
        }

        if (command is Command.AlterTable alter && alter.Actions.Any(a => a is TableAction.ValidateConstraint))
            yield return new RowEvent(alter.Name, StoredExpression.Validation, null);
        if (command is Command.Copy { IsInput: true } copy)
            yield return new RowEvent(copy.Table, "insert", null);
        foreach (var table in command is Command.Truncate named ? named.Tables : [])
            yield return new RowEvent(table, "truncate", null) { Cascades = command is Command.Truncate { Cascades: true } };
    }
}
