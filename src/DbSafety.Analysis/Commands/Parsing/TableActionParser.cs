using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads the actions of ALTER TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE and FOREIGN TABLE.</summary>
internal static class TableActionParser
{
    public static List<TableAction> TakeAll(TokenCursor cursor, string? schema)
    {
        var actions = new List<TableAction>();
        do
        {
            var from = cursor.Position;
            var action = Take(cursor, schema) ?? new TableAction.Unknown("");
            if (action is TableAction.Other)
                cursor.SkipUntilComma();
            var isRead = cursor.AtEnd || cursor.AtMark(',');
            cursor.SkipUntilComma();
            actions.Add(action is TableAction.Unknown ? new TableAction.Unknown(cursor.TextSince(from)) : action);
            // What was read counts; what follows it is reported as not understood.
            if (!isRead && action is not TableAction.Unknown)
                actions.Add(new TableAction.Unknown(cursor.TextSince(from)));
        }
        while (cursor.TakeMark(','));
        return actions;
    }

    private static TableAction? Take(TokenCursor cursor, string? schema)
    {
        var from = cursor.Position;
        if (cursor.Take("add"))
            return Add(cursor, schema);
        if (cursor.Take("drop"))
            return Drop(cursor);
        if (cursor.Take("alter"))
            return Alter(cursor);
        if (cursor.Take("rename"))
            return Rename(cursor);
        if (AtOptions(cursor))
            return Options(cursor);
        if (cursor.Take("set"))
            return Set(cursor);
        if (cursor.Take("validate", "constraint"))
            return cursor.TakeName() is { } valid ? new TableAction.ValidateConstraint(valid) : null;
        if (cursor.At("enable") || cursor.At("disable") || cursor.At("force") || cursor.At("no", "force"))
            return Switch(cursor);
        if (cursor.Take("attach", "partition"))
            return Attach(cursor, schema);
        if (cursor.Take("detach", "partition"))
            return Detach(cursor, schema);
        if (cursor.Take("inherit") || cursor.Take("no", "inherit"))
            return Inherit(cursor, schema, from);
        if (cursor.At("replica", "identity", "nothing"))
            return new TableAction.Other("replica identity nothing");
        if (cursor.Take("restart"))
            return ToEnd(cursor, new TableAction.Restart());
        return cursor.TakeAny("owner", "reset", "cluster", "replica", "of", "not", "options", "depends", "merge", "split", "increment", "minvalue", "maxvalue",
            "start", "cache", "cycle", "owned", "as", "no")
            ? new TableAction.Other(cursor.TokenAt(from).Value) : null;
    }

    private static TableAction.Inherit? Inherit(TokenCursor cursor, string? schema, int from) =>
        cursor.TakeRelation(schema) is { } parent ? new TableAction.Inherit(parent, cursor.TokenAt(from).Is("no")) : null;

    private static TableAction? Add(TokenCursor cursor, string? schema)
    {
        var isColumn = cursor.Take("column");
        if (!isColumn)
        {
            var name = cursor.Take("constraint") ? cursor.TakeName() : null;
            if (ConstraintParser.Take(cursor, name, schema) is { } constraint)
                return new TableAction.AddConstraint(constraint);
            if (name is not null)
                return null;
        }

        var ifNotExists = cursor.Take("if", "not", "exists");
        return ColumnParser.Take(cursor, schema) is { } column ? new TableAction.AddColumn(column, ifNotExists) : null;
    }

    private static TableAction? Drop(TokenCursor cursor)
    {
        var isConstraint = cursor.Take("constraint");
        if (!isConstraint)
            cursor.Take("column");
        var ifExists = cursor.Take("if", "exists");
        if (cursor.TakeName() is not { } name)
            return null;
        var cascades = cursor.Take("cascade");
        cursor.Take("restrict");
        return isConstraint ? new TableAction.DropConstraint(name, ifExists, cascades) : new TableAction.DropColumn(name, ifExists, cascades);
    }

    private static TableAction? Alter(TokenCursor cursor)
    {
        if (cursor.Take("constraint"))
            return AlterConstraint(cursor);
        cursor.Take("column");
        if (cursor.TakeName() is not { } column)
            // ALTER INDEX … ALTER COLUMN 1 SET STATISTICS
            return cursor.Current is { Kind: SqlTokenKind.Number } ? new TableAction.Other("set statistics") : null;
        if (cursor.Take("set", "data", "type") || cursor.Take("type"))
            return ChangeType(cursor, column);
        if (cursor.Take("set", "default"))
        {
            // To PostgreSQL a default of NULL is none.
            var value = TextUntilComma(cursor);
            return value.Equals("null", StringComparison.OrdinalIgnoreCase) ? new TableAction.DropDefault(column, "default") : new TableAction.SetDefault(column, value);
        }

        if (cursor.Take("set", "not", "null"))
            return new TableAction.SetNotNull(column);
        if (cursor.Take("set", "expression"))
            return ToEnd(cursor, new TableAction.SetExpression(column));
        if (cursor.Take("drop", "not", "null"))
            return new TableAction.DropNotNull(column);
        if (cursor.Take("drop"))
            return TakeDropped(cursor) is { } what ? new TableAction.DropDefault(column, what) : null;
        if (cursor.At("set", "statistics") || AtOptions(cursor))
            return new TableAction.Other("set statistics");
        if (cursor.At("add", "generated", "always") || cursor.At("set", "generated", "always"))
            return new TableAction.Other("generated always") { Identity = cursor.At("add") ? column : null };
        return Restarts(cursor) ? ToEnd(cursor, new TableAction.Restart(column))
            : cursor.At("add") || cursor.TakeAny("set", "reset", "options") ? new TableAction.Other("alter column") { Identity = cursor.Take("add") ? column : null } : null;
    }

    /// <summary>What was checked at the end of the transaction, or not at all, is checked at once: unless it says otherwise, it is NOT DEFERRABLE.</summary>
    private static TableAction.Other? AlterConstraint(TokenCursor cursor)
    {
        if (cursor.TakeName() is null)
            return null;
        if (cursor.Take("not", "enforced") || cursor.Take("inherit") || cursor.Take("no", "inherit"))
            return new TableAction.Other("alter constraint");
        if (cursor.Take("enforced"))
            return new TableAction.Other("enforce constraint");
        var isDeferrable = cursor.Take("deferrable");
        return new TableAction.Other(isDeferrable && !cursor.At("initially", "immediate") ? "defer constraint" : "tighten constraint");
    }

    /// <summary>RESTART, alone or among an identity column's SET GENERATED … SET INCREMENT BY ….</summary>
    private static bool Restarts(TokenCursor cursor)
    {
        if (cursor.At("restart") || !cursor.At("set"))
            return cursor.At("restart");
        var from = cursor.Position;
        cursor.SkipUntilComma();
        var end = cursor.Position;
        cursor.BackTo(from);
        return cursor.Find("restart") < end;
    }

    private static string? TakeDropped(TokenCursor cursor)
    {
        var what = cursor.Take("default") ? "default" : cursor.Take("identity") ? "identity" : cursor.Take("expression") ? "expression" : null;
        cursor.Take("if", "exists");
        return what;
    }

    private static TableAction.ChangeType? ChangeType(TokenCursor cursor, string column)
    {
        var type = ColumnParser.TakeType(cursor);
        if (type.Length == 0)
            return null;
        var collates = cursor.Take("collate");
        if (collates)
            cursor.TakeRelation(null);
        return new TableAction.ChangeType(column, type, cursor.Take("using") ? TextUntilComma(cursor) : null) { Collates = collates };
    }

    private static string TextUntilComma(TokenCursor cursor)
    {
        var from = cursor.Position;
        cursor.SkipUntilComma();
        return cursor.TextSince(from);
    }

    private static TableAction ToEnd(TokenCursor cursor, TableAction action)
    {
        cursor.SkipUntilComma();
        return action;
    }

    private static TableAction? Rename(TokenCursor cursor)
    {
        if (cursor.Take("to"))
            return cursor.TakeName() is { } table ? new TableAction.RenameTo(table) : null;
        if (cursor.Take("constraint"))
            return cursor.TakeName() is { } constraint && cursor.Take("to") && cursor.TakeName() is { } renamed ? new TableAction.RenameConstraint(constraint, renamed) : null;
        cursor.Take("column");
        return cursor.TakeName() is { } from && cursor.Take("to") && cursor.TakeName() is { } to ? new TableAction.RenameColumn(from, to) : null;
    }

    private static TableAction? Set(TokenCursor cursor)
    {
        if (cursor.Take("schema"))
            return cursor.TakeName() is { } schema ? new TableAction.SetSchema(schema) : null;
        if (cursor.Take("without"))
            return new TableAction.Other(cursor.At("cluster") ? "cluster" : "set without");
        foreach (var words in (ReadOnlySpan<string>)["logged", "unlogged", "tablespace", "access"])
        {
            if (cursor.At(words))
                return ToEnd(cursor, new TableAction.Rewrite("set " + (words == "access" ? "access method" : words)));
        }

        return cursor.AtEnd ? null : new TableAction.Other("set");
    }

    private static bool AtOptions(TokenCursor cursor) =>
        (cursor.At("set") || cursor.At("reset")) && cursor.Position + 1 < cursor.Count && cursor.TokenAt(cursor.Position + 1).IsMark('(');

    /// <summary>(fillfactor = 50, toast.autovacuum_enabled = off)</summary>
    private static TableAction.SetOptions Options(TokenCursor cursor)
    {
        var names = new List<string>();
        cursor.Skip();
        cursor.Skip();
        while (!cursor.AtEnd && !cursor.TakeMark(')'))
        {
            if (cursor.TakeName() is { } name)
                names.Add(cursor.TakeMark('.') && cursor.TakeName() is { } inner ? inner : name);
            cursor.SkipElement();
        }

        return new TableAction.SetOptions(names);
    }

    private static TableAction? Switch(TokenCursor cursor)
    {
        var enables = cursor.At("enable");
        var exempts = cursor.Take("no", "force");
        var forces = exempts || cursor.Take("force");
        if (!forces)
            cursor.Skip();
        if (cursor.Take("row", "level", "security"))
            return forces ? new TableAction.Other(exempts ? "no force row level security" : "force row level security") : new TableAction.SwitchRowSecurity(enables);
        // ENABLE REPLICA fires it in replication alone.
        var mode = cursor.Take("replica") ? 'R' : cursor.Take("always") ? 'A' : enables ? 'O' : 'D';
        var isRule = cursor.At("rule");
        if (!cursor.TakeAny("trigger", "rule") || cursor.TakeName() is not { } trigger)
            return null;
        return new TableAction.SwitchTrigger(trigger, enables && mode != 'R', isRule) { Mode = mode };
    }

    private static TableAction.AttachPartition? Attach(TokenCursor cursor, string? schema) =>
        cursor.TakeRelation(schema) is { } partition ? new TableAction.AttachPartition(partition) { Bounds = TextUntilComma(cursor) } : null;

    private static TableAction.DetachPartition? Detach(TokenCursor cursor, string? schema) =>
        cursor.TakeRelation(schema) is { } partition ? new TableAction.DetachPartition(partition, cursor.Take("concurrently"), cursor.Take("finalize")) : null;
}
