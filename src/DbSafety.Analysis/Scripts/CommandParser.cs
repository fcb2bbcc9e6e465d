using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// Reads one statement of PostgreSQL 12 to 18. It never fails: what it does not understand is <see cref="Command.Unknown"/>, or an unknown
/// action of a command that it understands otherwise.
/// </summary>
internal static class CommandParser
{
    /// <param name="searchSchema">The schema of names that are written without one; null: the connection's search path decides.</param>
    public static Command Parse(SqlStatement statement, string? searchSchema = null)
    {
        var cursor = new TokenCursor(statement.Tokens);
        var first = statement.Tokens[0];
        // What looks like its end may be the beginning of another.
        if (statement.IsUnclosed)
            return new Command.Unknown();
        if (first.IsMark('('))
            return QueryParser.Parse(cursor, searchSchema);
        if (first.Kind != SqlTokenKind.Word)
            return new Command.Unknown();
        cursor.Skip();
        return first.Value switch
        {
            "create" => CreateParser.Parse(cursor, searchSchema),
            "drop" => DropParser.Parse(cursor, searchSchema),
            "alter" => AlterParser.Parse(cursor, searchSchema),
            "truncate" => Truncate(cursor, searchSchema),
            "select" or "insert" or "update" or "delete" or "merge" or "with" or "values" or "table" => QueryParser.Parse(new TokenCursor(statement.Tokens), searchSchema),
            "explain" => Explain(cursor, searchSchema),
            "prepare" or "declare" => Inner(cursor, searchSchema),
            "copy" => CopyParser.Parse(cursor, searchSchema),
            "comment" => Comment(cursor, searchSchema),
            "security" => cursor.Take("label") ? Comment(cursor, searchSchema) : new Command.Unknown(),
            "grant" or "revoke" => PrivilegeParser.Parse(cursor, first.Is("revoke"), searchSchema),
            "set" or "reset" => SettingParser.Parse(cursor, first.Is("reset")),
            "do" => new Command.DoBlock(),
            "call" => cursor.TakeRelation(searchSchema) is { } procedure ? new Command.Call(procedure) : new Command.Unknown(),
            "execute" => new Command.ExecuteText(),
            _ => MaintenanceParser.Parse(cursor, first.Value, searchSchema),
        };
    }

    /// <summary>
    /// A statement of a routine's body. Of a procedural language's own statements (assignments, conditions, RAISE) nothing is reported; the changes of
    /// rows in them are.
    /// </summary>
    public static Command ParseInBody(SqlStatement statement, string? searchSchema)
    {
        var command = statement.StartsWith("select") || statement.StartsWith("with") || statement.StartsWith("insert")
            ? QueryParser.ParseInBody(new TokenCursor(statement.Tokens), searchSchema)
            : Parse(statement, searchSchema);
        // EXECUTE follows RETURN QUERY and FOR … IN too; EXECUTE FUNCTION belongs to triggers, EXECUTE ON to grants.
        return command is Command.Unknown or Command.Utility or Command.Transaction ? Procedural(statement, searchSchema) : command;
    }

    private static Command Procedural(SqlStatement statement, string? searchSchema)
    {
        for (var i = 0; i < statement.Tokens.Count; i++)
        {
            if (statement.Tokens[i].Is("execute"))
                return new Command.ExecuteText();
        }

        return QueryParser.ParseInBody(new TokenCursor(statement.Tokens), searchSchema);
    }

    private static Command Truncate(TokenCursor cursor, string? schema)
    {
        cursor.Take("table");
        var only = cursor.At("only");
        var tables = cursor.TakeRelations(schema);
        var restarts = cursor.Take("restart", "identity");
        cursor.Take("continue", "identity");
        var cascades = cursor.Take("cascade");
        cursor.Take("restrict");
        return tables.Count == 0 || !cursor.AtEnd ? new Command.Unknown() : new Command.Truncate(tables) { Cascades = cascades, Restarts = restarts, IsOnly = only && tables.Count == 1 && !cascades };
    }

    /// <summary>Without ANALYZE nothing is run.</summary>
    private static Command Explain(TokenCursor cursor, string? schema)
    {
        var runs = false;
        if (cursor.AtMark('('))
        {
            var from = cursor.Position;
            cursor.SkipParentheses();
            for (var i = from; i < cursor.Position && i + 1 < cursor.Count; i++)
                runs |= (cursor.TokenAt(i).Is("analyze") || cursor.TokenAt(i).Is("analyse")) && !IsOff(cursor.TokenAt(i + 1));
        }
        else
        {
            runs = cursor.TakeAny("analyze", "analyse");
            cursor.Take("verbose");
        }

        var inner = Rest(cursor, schema);
        return runs || inner is Command.Unknown ? inner : new Command.Utility("explain");
    }

    private static bool IsOff(SqlToken token) => token.Is("off") || token.Is("false") || (token.Kind == SqlTokenKind.Number && token.Written is "0");

    /// <summary>What follows PREPARE name (types) AS, or DECLARE name CURSOR FOR.</summary>
    private static Command Inner(TokenCursor cursor, string? schema)
    {
        if (cursor.At("transaction"))
            return new Command.Transaction("prepare");
        var inner = cursor.Find("as", "for");
        if (inner >= cursor.Count)
            return new Command.Unknown();
        cursor.BackTo(inner + 1);
        return Rest(cursor, schema);
    }

    private static Command Rest(TokenCursor cursor, string? schema)
    {
        if (cursor.AtEnd)
            return new Command.Unknown();
        if (cursor.At("create"))
        {
            cursor.Skip();
            return CreateParser.Parse(cursor, schema);
        }

        return cursor.At("execute") ? new Command.ExecuteText() : cursor.At("refresh") || cursor.At("declare") ? new Command.Utility("explain") : QueryParser.Parse(cursor, schema);
    }

    private static Command Comment(TokenCursor cursor, string? schema)
    {
        if (cursor.Take("for") && cursor.TakeName() is null)
            cursor.TakeText();
        if (!cursor.Take("on") || ObjectKinds.Take(cursor) is not { } kind)
            return new Command.Unknown();
        var from = cursor.Position;
        return new Command.Describe(kind, ObjectNames.Take(cursor, kind, schema) ?? new RelationName(null, ObjectKinds.Words(kind)))
        {
            Table = kind == ObjectKind.Column ? ObjectNames.TableOfColumn(cursor, from, schema) : null,
        };
    }
}
