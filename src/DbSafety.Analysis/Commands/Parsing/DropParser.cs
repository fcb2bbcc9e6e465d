using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows DROP.</summary>
internal static class DropParser
{
    public static Command Parse(TokenCursor cursor, string? schema)
    {
        if (cursor.Take("owned", "by"))
            return Owned(cursor);
        if (ObjectKinds.Take(cursor) is not { } kind)
            return new Command.Unknown();
        var concurrent = kind == ObjectKind.Index && cursor.Take("concurrently");
        var ifExists = cursor.Take("if", "exists");
        var names = new List<RelationName>();
        RelationName? on = null;
        do
        {
            if (ObjectNames.Take(cursor, kind, schema) is not { } name)
                return new Command.Unknown();
            names.Add(name);
            if (kind is ObjectKind.OperatorClass or ObjectKind.OperatorFamily && cursor.Take("using"))
                cursor.TakeName();
            if (kind is ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy && cursor.Take("on"))
                on = cursor.TakeRelation(schema);
        }
        while (cursor.TakeMark(','));
        if (kind == ObjectKind.Database)
            SkipOptions(cursor);
        var cascades = cursor.Take("cascade");
        cursor.Take("restrict");
        if (!cursor.AtEnd || (on is null && kind is ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy))
            return new Command.Unknown();
        return new Command.Drop(kind, names)
        {
            IfExists = ifExists,
            Cascades = cascades,
            IsConcurrent = concurrent,
            On = on,
            NeedsNoTransaction = concurrent || kind is ObjectKind.Database or ObjectKind.Tablespace or ObjectKind.Subscription,
        };
    }

    private static void SkipOptions(TokenCursor cursor)
    {
        cursor.Take("with");
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
    }

    private static Command Owned(TokenCursor cursor)
    {
        var roles = new List<string>();
        do
        {
            if (cursor.TakeName() is { } role)
                roles.Add(role);
        }
        while (cursor.TakeMark(','));
        return roles.Count == 0 ? new Command.Unknown() : new Command.DropOwned(roles);
    }
}
