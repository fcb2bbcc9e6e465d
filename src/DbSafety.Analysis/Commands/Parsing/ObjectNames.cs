using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads the name of an object, which some kinds of objects have in odd shapes.</summary>
internal static class ObjectNames
{
    /// <summary>Null if no name comes next. Of what has no name of its own (casts, mappings, large objects) it is the text that says which is meant.</summary>
    public static RelationName? Take(TokenCursor cursor, ObjectKind kind, string? schema)
    {
        var from = cursor.Position;
        switch (kind)
        {
            case ObjectKind.Cast:
                cursor.SkipParentheses();
                return Written(cursor, from);
            case ObjectKind.Transform:
                cursor.Take("for");
                SkipType(cursor);
                cursor.Take("language");
                cursor.TakeName();
                return Written(cursor, from);
            case ObjectKind.UserMapping:
                cursor.Take("for");
                cursor.Skip();
                cursor.Take("server");
                cursor.TakeName();
                return Written(cursor, from);
            case ObjectKind.LargeObject:
                cursor.Skip();
                return Written(cursor, from);
            case ObjectKind.Operator:
                while (!cursor.AtEnd && !cursor.AtMark('('))
                    cursor.Skip();
                var name = Written(cursor, from);
                cursor.SkipParentheses();
                return name;
            case ObjectKind.Type or ObjectKind.Domain:
                var type = cursor.TakeRelation(schema);
                // double precision, character varying: names of several words and modifiers, for COMMENT and GRANT.
                while (!cursor.AtEnd && (cursor.AtMark('(') || cursor.TakeAny("precision", "varying")))
                    SkipOptionalParentheses(cursor);
                return type;
            case ObjectKind.Column:
                return TakeColumn(cursor, schema);
            default:
                var relation = cursor.TakeRelation(IsInSchema(kind) ? schema : null) ?? (cursor.TakeText() is { } text ? new RelationName(null, text) : null);
                if (kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Aggregate)
                    SkipOptionalParentheses(cursor);
                return relation;
        }
    }

    /// <summary>Kinds that live in a schema, so that the search path decides where.</summary>
    public static bool IsInSchema(ObjectKind kind) =>
        ObjectKinds.IsRelation(kind) || kind is ObjectKind.Type or ObjectKind.Domain or ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine
            or ObjectKind.Aggregate or ObjectKind.Collation or ObjectKind.Conversion or ObjectKind.Statistics or ObjectKind.TextSearch
            or ObjectKind.OperatorClass or ObjectKind.OperatorFamily;

    private static void SkipOptionalParentheses(TokenCursor cursor)
    {
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
    }

    private static void SkipType(TokenCursor cursor)
    {
        while (!cursor.AtEnd && !cursor.At("language"))
            cursor.Skip();
    }

    /// <summary>The table that <c>[schema.]table.column</c> is of, which begins there.</summary>
    public static RelationName? TableOfColumn(TokenCursor cursor, int from, string? schema)
    {
        cursor.BackTo(from);
        return TakeParts(cursor) is { Count: >= 2 } parts ? new RelationName(parts.Count > 2 ? parts[^3] : schema, parts[^2]) : null;
    }

    private static List<string> TakeParts(TokenCursor cursor)
    {
        var parts = new List<string>();
        do
        {
            if (cursor.TakeName() is not { } part)
                return [];
            parts.Add(part);
        }
        while (cursor.TakeMark('.'));
        return parts;
    }

    /// <summary><c>[schema.]table.column</c>, as one name.</summary>
    private static RelationName? TakeColumn(TokenCursor cursor, string? schema)
    {
        var parts = TakeParts(cursor);
        if (parts.Count < 2)
            return null;
        var column = SqlName.Display(parts[^2]) + "." + SqlName.Display(parts[^1]);
        return new RelationName(parts.Count > 2 ? parts[^3] : schema, column) { IsDisplayed = true };
    }

    private static RelationName? Written(TokenCursor cursor, int from) =>
        cursor.TextSince(from) is { Length: > 0 } text ? new RelationName(null, text) { IsDisplayed = true } : null;
}
