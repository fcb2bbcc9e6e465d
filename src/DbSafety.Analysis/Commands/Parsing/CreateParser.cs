using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows CREATE.</summary>
internal static class CreateParser
{
    public static Command Parse(TokenCursor cursor, string? schema)
    {
        var replaces = cursor.Take("or", "replace");
        var isTemporary = TakeTemporary(cursor, "constraint", "recursive");

        if (cursor.At("unique") || cursor.At("index"))
            return Index(cursor, schema);
        if (ObjectKinds.Take(cursor) is not { } kind)
            return new Command.Unknown();
        if (kind is ObjectKind.Table or ObjectKind.ForeignTable)
            return Table(cursor, kind, isTemporary, schema);
        if (kind == ObjectKind.Schema)
            return Schema(cursor);
        var ifNotExists = cursor.Take("if", "not", "exists");
        if (ObjectNames.Take(cursor, kind, schema) is not { } name)
            return kind == ObjectKind.Statistics ? new Command.CreateObject(kind, new RelationName(null, "statistics")) : new Command.Unknown();
        return new Command.CreateObject(kind, name)
        {
            Replaces = replaces,
            IfNotExists = ifNotExists,
            IsTemporary = isTemporary,
            On = kind is ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy ? TableOf(cursor, kind, schema) : null,
            Labels = kind == ObjectKind.Type && cursor.Take("as", "enum") ? Labels(cursor) : null,
            Base = kind == ObjectKind.Domain ? BaseOf(cursor) : null,
            HasConstraints = kind == ObjectKind.Domain && IsConstrained(cursor),
            Tables = kind is ObjectKind.Statistics or ObjectKind.Publication ? TablesOf(cursor, kind, schema) : [],
            Changes = kind == ObjectKind.MaterializedView ? QueryParser.Changes(cursor, schema) : [],
            NeedsNoTransaction = kind is ObjectKind.Database or ObjectKind.Tablespace or ObjectKind.Subscription,
        };
    }

    /// <summary>Takes the words before what is created.</summary>
    /// <param name="others">Words beside those that say how long it lasts.</param>
    /// <returns>Whether it goes with its session.</returns>
    public static bool TakeTemporary(TokenCursor cursor, params string[] others)
    {
        for (var isTemporary = false; ;)
        {
            if (cursor.TakeAny("temp", "temporary"))
                isTemporary = true;
            else if (!cursor.TakeAny(["global", "local", "unlogged", .. others]))
                return isTemporary;
        }
    }

    private static Command.CreateObject Schema(TokenCursor cursor)
    {
        var ifNotExists = cursor.Take("if", "not", "exists");
        var name = cursor.Take("authorization") ? cursor.TakeName() : cursor.TakeName();
        if (cursor.Take("authorization"))
            cursor.TakeName();
        return new Command.CreateObject(ObjectKind.Schema, new RelationName(null, name ?? "")) { IfNotExists = ifNotExists, Elements = Elements(cursor, name) };
    }

    /// <summary>CREATE SCHEMA x CREATE TABLE … CREATE INDEX … GRANT …: what it makes inside, in that schema.</summary>
    private static List<Command> Elements(TokenCursor cursor, string? schema)
    {
        var elements = new List<Command>();
        while (!cursor.AtEnd)
        {
            var from = cursor.Position;
            cursor.Skip();
            do
            {
                cursor.BackTo(cursor.Find("create", "grant"));
            }
            while (!cursor.AtEnd && cursor.TokenAt(cursor.Position - 1).Is("with") && SkipOne(cursor));
            var element = new TokenCursor(cursor.Slice(from, cursor.Position), 1);
            elements.Add(cursor.TokenAt(from).Is("create") ? Parse(element, schema) : cursor.TokenAt(from).Is("grant") ? PrivilegeParser.Parse(element, isRevoke: false, schema) : new Command.Unknown());
        }

        return elements;
    }

    private static bool SkipOne(TokenCursor cursor)
    {
        cursor.Skip();
        return true;
    }

    /// <summary>CREATE TRIGGER x BEFORE UPDATE OF a ON table; CREATE RULE x AS ON INSERT TO table.</summary>
    private static RelationName? TableOf(TokenCursor cursor, ObjectKind kind, string? schema)
    {
        if (kind == ObjectKind.Rule)
        {
            cursor.Take("as", "on");
            cursor.Skip();
            return cursor.Take("to") ? cursor.TakeRelation(schema) : null;
        }

        cursor.BackTo(cursor.Find("on"));
        return cursor.Take("on") ? cursor.TakeRelation(schema) : null;
    }

    private static string? BaseOf(TokenCursor cursor)
    {
        cursor.Take("as");
        var type = ColumnParser.TakeType(cursor);
        return type.Length == 0 || cursor.Find("collate") < cursor.Count ? null : type;
    }

    /// <summary>CHECK (…) or NOT NULL follows the type or the default.</summary>
    private static bool IsConstrained(TokenCursor cursor)
    {
        for (var from = cursor.Find("check", "not"); from < cursor.Count; from = cursor.Find("check", "not"))
        {
            cursor.BackTo(from);
            if (cursor.At("check") || cursor.At("not", "null"))
                return true;
            cursor.Skip();
        }

        return false;
    }

    /// <summary>CREATE STATISTICS x ON a, b FROM table; CREATE PUBLICATION x FOR TABLE a, b.</summary>
    private static List<RelationName> TablesOf(TokenCursor cursor, ObjectKind kind, string? schema)
    {
        cursor.BackTo(cursor.Find(kind == ObjectKind.Statistics ? "from" : "table"));
        return cursor.TakeAny("from", "table") ? cursor.TakeRelations(schema) : [];
    }

    private static List<string> Labels(TokenCursor cursor)
    {
        var labels = new List<string>();
        for (; !cursor.AtEnd; cursor.Skip())
        {
            if (cursor.Current is { Kind: SqlTokenKind.Text } label)
                labels.Add(QuotedText.Literal(label));
        }

        return labels;
    }

    private static Command Index(TokenCursor cursor, string? schema)
    {
        var unique = cursor.Take("unique");
        if (!cursor.Take("index"))
            return new Command.Unknown();
        var concurrent = cursor.Take("concurrently");
        var ifNotExists = cursor.Take("if", "not", "exists");
        var name = cursor.At("on") ? null : cursor.TakeName();
        var on = cursor.Position;
        if (!cursor.Take("on"))
            return new Command.Unknown();
        var only = cursor.Take("only");
        if (cursor.TakeRelation(schema) is not { } table)
            return new Command.Unknown();
        var rest = cursor.Position;
        if (cursor.Take("using"))
            cursor.TakeName();
        var keys = cursor.AtMark('(') ? IndexKeys.Take(cursor) : null;
        var notDistinct = cursor.Find("nulls") is var nulls && nulls + 1 < cursor.Count && cursor.TokenAt(nulls + 1).Is("not");
        cursor.BackTo(cursor.Find("where"));
        var where = cursor.Take("where") ? cursor.Text(cursor.Position, cursor.Count) : null;
        return new Command.CreateIndex(name, table)
        {
            IsUnique = unique,
            IsConcurrent = concurrent,
            IfNotExists = ifNotExists,
            Definition = cursor.Text(on, cursor.Count),
            Rest = cursor.Text(rest, cursor.Count),
            IsOnly = only,
            Keys = keys,
            Where = where,
            NullsNotDistinct = notDistinct,
            NeedsNoTransaction = concurrent,
        };
    }

    private static Command Table(TokenCursor cursor, ObjectKind kind, bool isTemporary, string? schema)
    {
        var ifNotExists = cursor.Take("if", "not", "exists");
        if (cursor.TakeRelation(schema) is not { } name)
            return new Command.Unknown();
        RelationName? parent = null;
        if (cursor.Take("partition", "of"))
            parent = cursor.TakeRelation(schema);
        else if (cursor.Take("of"))
            cursor.TakeRelation(schema);
        var columns = new List<ColumnDefinition>();
        var constraints = new List<ConstraintDefinition>();
        if (cursor.AtMark('('))
            Elements(cursor, schema, columns, constraints);
        var bounds = parent is null ? null : Bounds(cursor);
        var inherits = cursor.Take("inherits") && cursor.TakeMark('(') ? cursor.TakeRelations(schema) : [];
        return new Command.CreateTable(kind, name)
        {
            IfNotExists = ifNotExists,
            IsTemporary = isTemporary,
            Columns = columns,
            Constraints = constraints,
            Parent = parent,
            Bounds = columns.Count + constraints.Count == 0 ? bounds : null,
            Inherits = inherits,
            Changes = QueryParser.Changes(cursor, schema),
        };
    }

    /// <summary>DEFAULT, or FOR VALUES IN (…), FROM (…) TO (…), WITH (…).</summary>
    private static string? Bounds(TokenCursor cursor)
    {
        var from = cursor.Position;
        if (!cursor.Take("default"))
        {
            cursor.Take("for", "values");
            while (cursor.TakeAny("in", "from", "to", "with") && cursor.AtMark('('))
                cursor.SkipParentheses();
        }

        return cursor.AtEnd ? cursor.TextSince(from) : null;
    }

    private static void Elements(TokenCursor cursor, string? schema, List<ColumnDefinition> columns, List<ConstraintDefinition> constraints)
    {
        cursor.Skip();
        while (!cursor.AtEnd && !cursor.TakeMark(')'))
        {
            var name = cursor.Take("constraint") ? cursor.TakeName() : null;
            if (ConstraintParser.Take(cursor, name, schema) is { } constraint)
                constraints.Add(constraint);
            else if (!cursor.Take("like") && ColumnParser.Take(cursor, schema) is { } column)
                columns.Add(column);
            cursor.SkipElement();
        }
    }
}
