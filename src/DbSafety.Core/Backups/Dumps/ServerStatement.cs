using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>A statement of a script that acts on more than its database.</summary>
internal sealed record ServerStatement(int Line, string Text)
{
    private const int Longest = 80;

    public override string ToString() => $"line {Line}: {StatementText.Excerpt(Text, Longest)}";
}

/// <summary>
/// Recognizes statements that act on the entire server or outside of it, which pg_dump does not write for a database: roles, tablespaces, settings of the server, its files and
/// programs. Statements about databases by name are <see cref="DatabaseStatement"/>'s, except in blocks.
/// </summary>
internal static partial class ServerStatements
{
    /// <summary>Whether it is about roles and tablespaces, as pg_dumpall writes them before the databases.</summary>
    public static bool AreGlobals(string text) => GlobalsPattern().IsMatch(text) || IsGrant(text);

    /// <param name="text">See <see cref="StatementText.Normal"/>.</param>
    public static bool Is(string text)
    {
        if (GlobalsPattern().IsMatch(text) || ServerPattern().IsMatch(text) || IsGrant(text))
            return true;
        if (BlockPattern().IsMatch(text))
            return StatementTokens.Split(text).Any(ActsInBlock);
        return (CopyPattern().IsMatch(text) && !StreamPattern().IsMatch(TopLevel(text))) || Calls(text);
    }

    private static bool ActsInBlock(StatementTokens block)
    {
        while (!block.IsAtEnd)
        {
            if (InBlockPattern().IsMatch(BlankPattern().Replace(StatementText.Normal(block.Take()), " ")))
                return true;
        }

        return false;
    }

    /// <summary>Without what parentheses and quotes hold.</summary>
    private static string TopLevel(string text)
    {
        var (depth, top) = (0, new System.Text.StringBuilder());
        foreach (var c in QuotePattern().Replace(text, "''"))
        {
            depth -= c == ')' ? 1 : 0;
            if (depth == 0)
                top.Append(c);
            depth += c == '(' ? 1 : 0;
        }

        return top.ToString();
    }

    private static bool IsGrant(string text) =>
        GrantPattern().IsMatch(text) && StatementTokens.Split(text).FirstOrDefault() is { } grant && (!grant.Has("ON") || grant.Has("ON", "TABLESPACE") || grant.Has("ON", "PARAMETER"));

    /// <summary>Calls a function that reaches files, sessions or settings of the server; the body of a routine is not called by creating it.</summary>
    private static bool Calls(string text) => FunctionPattern().IsMatch(text) && !DefinitionPattern().IsMatch(text) && FunctionPattern().IsMatch(WithoutStrings(text));

    internal static string WithoutStrings(string text) => StringPattern().Replace(text, "''");

    private const string Functions = "lo_import|lo_export|pg_read_file|pg_read_binary_file|pg_file_\\w+|pg_reload_conf|pg_rotate_logfile|pg_terminate_backend|pg_cancel_backend|pg_promote|pg_switch_wal|pg_create_physical_replication_slot|pg_create_logical_replication_slot|pg_drop_replication_slot|dblink\\w*";

    private const string Globals = @"(?:(?:CREATE|ALTER|DROP) (?:ROLE|USER(?! MAPPING\b)|GROUP|TABLESPACE)|COMMENT ON (?:ROLE|TABLESPACE)|SECURITY LABEL [^;]*\bON (?:ROLE|TABLESPACE))\b";

    private const string Server = @"(?:ALTER SYSTEM|REASSIGN OWNED|DROP OWNED|PREPARE TRANSACTION|COMMIT PREPARED|ROLLBACK PREPARED)\b";

    [GeneratedRegex(@"\A" + Globals, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GlobalsPattern();

    [GeneratedRegex(@"\A" + Server, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ServerPattern();

    [GeneratedRegex(@"\A(?:GRANT|REVOKE)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GrantPattern();

    [GeneratedRegex(@"\ADO\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BlockPattern();

    // Literals in a block can be executed; the database that a block is in has its name from current_database().
    [GeneratedRegex(@"\b(?:" + Globals + "|" + Server + @"|(?:CREATE|ALTER|DROP) DATABASE\b(?![^;]{0,80}\bcurrent_(?:database|catalog)\b)|COPY\b[^;]*(?:\bPROGRAM\b|\b(?:FROM|TO) ')|(?:" + Functions + @")\s*\()", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InBlockPattern();

    [GeneratedRegex(@"\ACOPY\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CopyPattern();

    [GeneratedRegex(@"(?:\bFROM STDIN|\bTO STDOUT)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StreamPattern();

    [GeneratedRegex("""\b(?:""" + Functions + @")""?\s*\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FunctionPattern();

    [GeneratedRegex(@"\A(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|SECURITY)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DefinitionPattern();

    [GeneratedRegex(@"\b[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", RegexOptions.Singleline)]
    private static partial Regex StringPattern();

    [GeneratedRegex("""\b[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$""", RegexOptions.Singleline)]
    private static partial Regex QuotePattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex BlankPattern();
}
