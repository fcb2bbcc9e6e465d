using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What a statement does to the rows of a table, as the table's triggers and rules see it.</summary>
/// <param name="Kind">insert, update, delete, truncate or, for a check of the rows that are there, validate.</param>
/// <param name="Change">Null for COPY and TRUNCATE.</param>
internal sealed record RowEvent(RelationName Table, string Kind, RowChange? Change)
{
    /// <summary>TRUNCATE … CASCADE, which reaches the tables that refer to it.</summary>
    public bool Cascades { get; init; }

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

        if (command is Command.AlterTable alter && alter.Actions.Any(a => a is TableAction.ValidateConstraint))
            yield return new RowEvent(alter.Name, StoredExpression.Validation, null);
        if (command is Command.Copy { IsInput: true } copy)
            yield return new RowEvent(copy.Table, "insert", null);
        foreach (var table in command is Command.Truncate named ? named.Tables : [])
            yield return new RowEvent(table, "truncate", null) { Cascades = command is Command.Truncate { Cascades: true } };
    }
}
