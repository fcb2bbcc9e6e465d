namespace DbSafety.Analysis.Commands;

/// <summary>Reads what stands behind SET and RESET.</summary>
internal static class SettingParser
{
    public static Command Parse(TokenCursor cursor, bool resets)
    {
        if (cursor.At("transaction") || cursor.At("constraints") || cursor.At("session", "characteristics"))
            return new Command.Transaction("set");
        var local = cursor.Take("local");
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
        var assigns = cursor.Take("to") || (cursor.Current is { } equals && equals.IsOperator("=") && Skip(cursor));
        return assigns || name is "timezone" or "names" or "role" or "authorization" or "xml" or "catalog" ? new Command.Setting(name, Values(cursor)) { IsLocal = local } : new Command.Unknown();
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
