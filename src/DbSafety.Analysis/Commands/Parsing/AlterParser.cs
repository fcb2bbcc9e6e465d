using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows ALTER.</summary>
internal static class AlterParser
{
    public static Command Parse(TokenCursor cursor, string? schema)
    {
        if (ObjectKinds.Take(cursor) is not { } kind)
            return new Command.Unknown();
        if (kind is ObjectKind.DefaultPrivileges or ObjectKind.System)
            return Nameless(cursor, kind);
        if (cursor.At("all", "in", "tablespace"))
            return new Command.AlterObject(kind, new RelationName(null, "all") { IsDisplayed = true }, [new ObjectAction.Other("set tablespace")]);
        var ifExists = cursor.Take("if", "exists");
        if (ObjectKinds.IsRelation(kind))
            return Relation(cursor, kind, ifExists, schema);
        if (ObjectNames.Take(cursor, kind, schema) is not { } name)
            return new Command.Unknown();
        if (kind is ObjectKind.OperatorClass or ObjectKind.OperatorFamily && cursor.Take("using"))
            cursor.TakeName();
        var on = kind is ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy && cursor.Take("on") ? cursor.TakeRelation(schema) : null;
        var word = cursor.Current is { } next ? next.Value : "";
        var actions = kind switch
        {
            ObjectKind.Type => TypeActions(cursor),
            ObjectKind.Domain => [DomainAction(cursor)],
            _ => [Shared(cursor)],
        };
        return new Command.AlterObject(kind, name, actions)
        {
            On = on,
            Tables = kind == ObjectKind.Publication ? TablesOf(cursor, schema) : [],
            NeedsNoTransaction = (kind == ObjectKind.Database && actions is [ObjectAction.Other { Words: "set tablespace" }]) || (kind == ObjectKind.Subscription && word == "refresh"),
        };
    }

    /// <summary>ALTER PUBLICATION x ADD TABLE a, b.</summary>
    private static List<RelationName> TablesOf(TokenCursor cursor, string? schema)
    {
        cursor.BackTo(cursor.Find("table"));
        return cursor.Take("table") ? cursor.TakeRelations(schema) : [];
    }

    private static Command.AlterObject Nameless(TokenCursor cursor, ObjectKind kind)
    {
        var words = kind == ObjectKind.System && cursor.TakeAny("set", "reset") ? cursor.TakeName() ?? "" : "";
        return new Command.AlterObject(kind, new RelationName(null, words.Length > 0 ? words : ObjectKinds.Words(kind)) { IsDisplayed = true }, [new ObjectAction.Other("")])
        {
            NeedsNoTransaction = kind == ObjectKind.System,
        };
    }

    private static Command Relation(TokenCursor cursor, ObjectKind kind, bool ifExists, string? schema)
    {
        var only = cursor.Take("only");
        var inParentheses = only && cursor.TakeMark('(');
        if (cursor.TakeRelation(schema) is not { } name)
            return new Command.Unknown();
        if (inParentheses)
            cursor.TakeMark(')');
        // A sequence's options have no commas between them.
        var restarts = kind == ObjectKind.Sequence && cursor.Find("restart") < cursor.Count;
        var actions = restarts ? [new TableAction.Restart()] : TableActionParser.TakeAll(cursor, schema);
        return new Command.AlterTable(kind, name, actions) { IfExists = ifExists, NeedsNoTransaction = actions is [TableAction.DetachPartition { IsConcurrent: true }] };
    }

    private static ObjectAction Shared(TokenCursor cursor)
    {
        if (cursor.Take("rename", "to") && cursor.TakeName() is { } name)
            return new ObjectAction.RenameTo(name);
        if (cursor.Take("set", "schema") && cursor.TakeName() is { } schema)
            return new ObjectAction.SetSchema(schema);
        return new ObjectAction.Other(cursor.At("set", "tablespace") ? "set tablespace" : cursor.Current is { } word ? word.Value : "");
    }

    private static List<ObjectAction> TypeActions(TokenCursor cursor)
    {
        var actions = new List<ObjectAction>();
        do
        {
            actions.Add(TypeAction(cursor));
            cursor.SkipUntilComma();
        }
        while (cursor.TakeMark(','));
        return actions;
    }

    private static ObjectAction TypeAction(TokenCursor cursor)
    {
        if (cursor.Take("add", "value"))
        {
            cursor.Take("if", "not", "exists");
            return new ObjectAction.AddValue(cursor.TakeText() ?? "");
        }

        if (cursor.Take("rename", "value") && cursor.TakeText() is { } label && cursor.Take("to") && cursor.TakeText() is { } newLabel)
            return new ObjectAction.RenameValue(label, newLabel);
        if (cursor.Take("rename", "attribute") && cursor.TakeName() is { } attribute && cursor.Take("to") && cursor.TakeName() is { } newName)
            return new ObjectAction.RenameAttribute(attribute, newName);
        if (cursor.Take("drop", "attribute"))
        {
            cursor.Take("if", "exists");
            return cursor.TakeName() is { } dropped ? new ObjectAction.DropAttribute(dropped) : new ObjectAction.Other("drop attribute");
        }

        if (cursor.Take("alter", "attribute") && cursor.TakeName() is { } altered)
        {
            cursor.Take("set", "data");
            return cursor.Take("type") ? AlterAttribute(cursor, altered) : new ObjectAction.Other("alter attribute");
        }

        return Shared(cursor);
    }

    private static ObjectAction.AlterAttribute AlterAttribute(TokenCursor cursor, string name)
    {
        var type = ColumnParser.TakeType(cursor);
        if (cursor.Take("collate"))
            cursor.TakeRelation(null);
        return new ObjectAction.AlterAttribute(name, type) { Cascades = cursor.Take("cascade") };
    }

    private static ObjectAction DomainAction(TokenCursor cursor)
    {
        if (cursor.Take("add"))
        {
            var name = cursor.Take("constraint") ? cursor.TakeName() : null;
            return ConstraintParser.Take(cursor, name, null) is { } constraint ? new ObjectAction.AddConstraint(constraint) : new ObjectAction.Other("add");
        }

        if (cursor.Take("drop", "constraint"))
        {
            cursor.Take("if", "exists");
            return cursor.TakeName() is { } dropped ? new ObjectAction.DropConstraint(dropped) : new ObjectAction.Other("drop constraint");
        }

        if (cursor.Take("validate", "constraint") && cursor.TakeName() is { } valid)
            return new ObjectAction.ValidateConstraint(valid);
        if (cursor.Take("set", "not", "null"))
            return new ObjectAction.SetNotNull();
        if (cursor.Take("drop", "not", "null"))
            return new ObjectAction.DropNotNull();
        return cursor.Take("drop", "default") ? new ObjectAction.DropDefault() : Shared(cursor);
    }
}
