using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what keeps tables in shape, locks them, begins and ends transactions, and what changes nothing.</summary>
internal static class MaintenanceParser
{
    private static readonly (string[] Words, LockMode Mode)[] Modes =
    [
        (["access", "share"], LockMode.AccessShare), (["row", "share"], LockMode.RowShare), (["row", "exclusive"], LockMode.RowExclusive),
        (["share", "update", "exclusive"], LockMode.ShareUpdateExclusive), (["share", "row", "exclusive"], LockMode.ShareRowExclusive),
        (["share"], LockMode.Share), (["exclusive"], LockMode.Exclusive), (["access", "exclusive"], LockMode.AccessExclusive),
    ];

    /// <param name="word">The statement's first word, which was taken already.</param>
    public static Command Parse(TokenCursor cursor, string word, string? schema) => word switch
    {
        "begin" or "start" or "commit" or "end" or "rollback" or "abort" or "savepoint" or "release" => Transaction(cursor, word),
        "vacuum" => Vacuum(cursor, schema),
        "analyze" or "analyse" => new Command.Analyze(Tables(cursor, schema)),
        "reindex" => Reindex(cursor, schema),
        "cluster" => Cluster(cursor, schema),
        "refresh" => Refresh(cursor, schema),
        "lock" => Lock(cursor, schema),
        "reassign" => new Command.AlterObject(ObjectKind.Role, new RelationName(null, cursor.Take("owned", "by") ? cursor.TakeName() ?? "" : ""), [new ObjectAction.Other("reassign owned")]),
        "import" => new Command.CreateObject(ObjectKind.ForeignTable, new RelationName(null, cursor.Take("foreign", "schema") ? cursor.TakeName() ?? "" : "")),
        "discard" => new Command.Utility(word) { NeedsNoTransaction = cursor.At("all") },
        "checkpoint" or "close" or "deallocate" or "fetch" or "listen" or "load" or "move" or "notify" or "show" or "unlisten" => new Command.Utility(word),
        _ => new Command.Unknown(),
    };

    /// <summary>ROLLBACK TO goes back inside the transaction and does not end it.</summary>
    private static Command Transaction(TokenCursor cursor, string word)
    {
        cursor.TakeAny("work", "transaction");
        if (cursor.At("to"))
            return new Command.Transaction("rollback to");
        if (cursor.At("prepared"))
            return new Command.Transaction("savepoint");
        var ends = word is "commit" or "end" or "rollback" or "abort";
        return ends && !cursor.AtEnd && !cursor.At("and") ? new Command.Unknown() : new Command.Transaction(word);
    }

    private static Command.Vacuum Vacuum(TokenCursor cursor, string? schema)
    {
        var full = false;
        if (cursor.AtMark('('))
        {
            var from = cursor.Position;
            cursor.SkipParentheses();
            for (var i = from; i + 1 < cursor.Position; i++)
                full |= cursor.TokenAt(i).Is("full") && !cursor.TokenAt(i + 1).Is("off") && !cursor.TokenAt(i + 1).Is("false");
        }

        while (cursor.At("full") || cursor.At("freeze") || cursor.At("analyze") || cursor.At("analyse") || cursor.At("verbose"))
        {
            full |= cursor.At("full");
            cursor.Skip();
        }

        return new Command.Vacuum(Tables(cursor, schema), full) { NeedsNoTransaction = true };
    }

    /// <summary>What VACUUM and ANALYZE name behind their options, with columns or without.</summary>
    private static List<RelationName> Tables(TokenCursor cursor, string? schema)
    {
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
        if (cursor.At("verbose"))
            cursor.Skip();
        var tables = new List<RelationName>();
        do
        {
            cursor.Take("only");
            if (cursor.TakeRelation(schema) is { } table)
                tables.Add(table);
            if (cursor.AtMark('('))
                cursor.SkipParentheses();
        }
        while (cursor.TakeMark(','));
        return tables;
    }

    private static Command Reindex(TokenCursor cursor, string? schema)
    {
        var concurrent = false;
        string? tablespace = null;
        if (cursor.AtMark('('))
        {
            var from = cursor.Position;
            cursor.SkipParentheses();
            for (var i = from; i + 1 < cursor.Position; i++)
            {
                if (cursor.TokenAt(i).Is("tablespace"))
                    tablespace = cursor.TokenAt(i + 1).Value;
                concurrent |= cursor.TokenAt(i).Is("concurrently") && !cursor.TokenAt(i + 1).Is("off") && !cursor.TokenAt(i + 1).Is("false");
            }
        }

        if (ObjectKinds.Take(cursor) is not { } kind)
            return new Command.Unknown();
        concurrent |= cursor.Take("concurrently");
        var name = cursor.TakeRelation(ObjectKinds.IsRelation(kind) ? schema : null);
        return new Command.Reindex(kind, name, concurrent)
        {
            Tablespace = tablespace,
            NeedsNoTransaction = concurrent || kind is ObjectKind.Schema or ObjectKind.Database or ObjectKind.System,
        };
    }

    /// <summary>CLUSTER [VERBOSE] [table [USING index]], and the old CLUSTER index ON table.</summary>
    private static Command.Cluster Cluster(TokenCursor cursor, string? schema)
    {
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
        if (cursor.At("verbose"))
            cursor.Skip();
        var table = cursor.TakeRelation(schema);
        if (cursor.Take("on"))
            table = cursor.TakeRelation(schema);
        return new Command.Cluster(table) { NeedsNoTransaction = table is null };
    }

    private static Command Refresh(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("materialized", "view"))
            return new Command.Unknown();
        var concurrent = cursor.Take("concurrently");
        return cursor.TakeRelation(schema) is { } view ? new Command.Refresh(view, concurrent) : new Command.Unknown();
    }

    private static Command Lock(TokenCursor cursor, string? schema)
    {
        cursor.Take("table");
        var tables = cursor.TakeRelations(schema);
        if (tables.Count == 0)
            return new Command.Unknown();
        var mode = LockMode.AccessExclusive;
        if (cursor.Take("in"))
        {
            foreach (var (words, known) in Modes)
            {
                if (!cursor.Take([.. words, "mode"]))
                    continue;
                mode = known;
                break;
            }
        }

        return new Command.LockTables(tables, mode);
    }
}
