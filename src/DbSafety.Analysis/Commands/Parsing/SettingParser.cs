using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows SET and RESET.</summary>
internal static class SettingParser
{
    public static Command Parse(TokenCursor cursor, bool resets)
    {
        var local = cursor.Take("local");
        if (!local && !cursor.At("session", "authorization") && !cursor.At("session", "characteristics"))
            cursor.Take("session");
        if (cursor.At("transaction") || cursor.At("constraints") || cursor.At("session", "characteristics"))
            return new Command.Transaction("set");
        cursor.Take("session");
        if (cursor.TakeName() is not { } name)
            return new Command.Unknown();
        while (cursor.TakeMark('.') && cursor.TakeName() is { } part)
            name += "." + part;
        if (name == "time" && cursor.Take("zone"))
            name = "timezone";
        if (resets)
            return new Command.Setting(name, []);
        if (name == "schema" && cursor.Current is { Kind: SqlTokenKind.Text })
            return new Command.Setting("search_path", Values(cursor)) { IsLocal = local };
        if (cursor.Take("from", "current"))
            return new Command.Utility("set");
        var assigns = cursor.Take("to") || (cursor.Current is { } equals && equals.IsOperator("=") && Skip(cursor));
        return (assigns && IsList(cursor)) || (!assigns && name is "timezone" or "names" or "role" or "authorization" or "xml" or "catalog")
            ? new Command.Setting(name, Values(cursor)) { IsLocal = local } : new Command.Unknown();
    }

    /// <summary>The values of a setting, from TO or the equals sign on to what does not belong to them.</summary>
    public static IReadOnlyList<string> List(TokenCursor cursor)
    {
        var values = new List<string>();
        if (!cursor.Take("to") && !(cursor.Current is { } equals && equals.IsOperator("=") && Skip(cursor)))
            return values;
        do
        {
            if ((cursor.TakeText() ?? cursor.TakeName()) is { } value)
                values.Add(value);
        }
        while (cursor.TakeMark(','));
        return values;
    }

    /// <summary>Words, literals and numbers, or psql's variables, with commas between them: the server refuses anything else, and sets nothing.</summary>
    private static bool IsList(TokenCursor cursor)
    {
        var from = cursor.Position;
        do
        {
            if (cursor.Current is { } sign && (sign.IsOperator("-") || sign.IsOperator("+")))
                cursor.Skip();
            if (cursor.TakeName() is null && cursor.Current is { Kind: SqlTokenKind.Text or SqlTokenKind.Number or SqlTokenKind.Parameter })
                cursor.Skip();
        }
        while (cursor.TakeMark(','));
        var isList = cursor.AtEnd && cursor.Position > from;
        cursor.BackTo(from);
        return isList;
    }

    private static bool Skip(TokenCursor cursor)
    {
        cursor.Skip();
        return true;
    }

    private static List<string> Values(TokenCursor cursor)
    {
        var values = new List<string>();
        for (; !cursor.AtEnd; cursor.Skip())
        {
            if (cursor.Current is { } value && !value.IsMark(',') && !value.Is("default"))
                values.Add(value.Kind == SqlTokenKind.Text ? QuotedText.Literal(value) : value.Value);
        }

        return values;
    }
}
