namespace DbSafety.Backups.Dumps;

/// <summary>
/// Follows quotes over the lines of a plain dump (https://www.postgresql.org/docs/current/sql-syntax-lexical.html): strings, quoted names, dollar
/// quotes and nested comments. pg_dump sets standard_conforming_strings, so only E'' strings have backslash escapes.
/// </summary>
internal sealed class PlainDumpQuotes
{
    /// <summary>What ends the open quote: <c>'</c>, <c>"</c>, <c>*/</c> or a dollar tag; null outside.</summary>
    private string? closing;
    private bool escapes;
    private int depth;

    public bool AreOpen => closing is not null;

    /// <summary>Commands of psql's own, which stand behind a backslash outside of quotes.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Reads one line; true when all quotes are closed behind it.</summary>
    public bool Follow(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (closing is not null)
                i = Inside(line, i);
            else if (line[i] == '-' && i + 1 < line.Length && line[i + 1] == '-')
                break;
            else
                i = Outside(line, i);
        }

        return closing is null;
    }

    private int Inside(string line, int i)
    {
        if (escapes && line[i] == '\\')
            return i + 1;
        if (closing == "*/" && string.CompareOrdinal(line, i, "/*", 0, 2) == 0)
        {
            depth++;
            return i + 1;
        }

        if (string.CompareOrdinal(line, i, closing, 0, closing!.Length) != 0)
            return i;
        var last = i + closing.Length - 1;
        if (closing == "*/" && --depth > 0)
            return last;
        if (closing is "'" or "\"" && last + 1 < line.Length && line[last + 1] == closing[0])
            return last + 1;
        closing = null;
        return last;
    }

    private int Outside(string line, int i)
    {
        switch (line[i])
        {
            case '\'' or '"':
                closing = line[i].ToString();
                escapes = line[i] == '\'' && i > 0 && line[i - 1] is 'E' or 'e' && (i == 1 || !IsWord(line[i - 2]));
                return i;
            case '\\':
                Commands.Add(line[i..]);
                return line.Length;
            case '/' when i + 1 < line.Length && line[i + 1] == '*':
                (closing, depth, escapes) = ("*/", 1, false);
                return i + 1;
            case '$' when i == 0 || !IsWord(line[i - 1]):
                return OpenDollar(line, i);
            default:
                return i;
        }
    }

    private int OpenDollar(string line, int i)
    {
        var end = i + 1;
        while (end < line.Length && IsWord(line[end]) && line[end] != '$')
            end++;
        if (end >= line.Length || line[end] != '$' || char.IsAsciiDigit(line[i + 1]))
            return i;
        (closing, escapes) = (line[i..(end + 1)], false);
        return end;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c > 127;
}
