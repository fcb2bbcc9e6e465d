namespace DbSafety.Backups.Dumps;

/// <summary>
/// Finds where statements end in the lines of a plain dump, as psql does (https://www.postgresql.org/docs/current/sql-syntax-lexical.html): at a
/// semicolon outside of strings, quoted names, dollar quotes, nested comments, parentheses and the body of a routine that is written in SQL.
/// </summary>
internal sealed class PlainDumpQuotes
{
    /// <summary>What ends the open quote: <c>'</c>, <c>"</c>, <c>*/</c> or a dollar tag; null outside.</summary>
    private string? closing;
    private bool escapes;

    /// <summary>A string has ended, and continues if the next string begins on another line: with the syntax of the first string.</summary>
    private bool canContinue;
    private bool isOtherLine;
    private int depth;
    private int parentheses;
    private int blocks;

    /// <summary>The initials of the first words of the statement that can begin a routine: <c>cf</c>, <c>cp</c>, <c>corf</c> and <c>corp</c> do.</summary>
    private string initials = "";
    private int words;

    public bool AreOpen => closing is not null;

    /// <summary>More than white space and comments was read since the last statement ended.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Strings without an E have backslash escapes too: standard_conforming_strings is off.</summary>
    public bool BackslashEscapes { get; set; }

    /// <summary>psql's meta-commands, which follow a backslash outside of quotes.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Reads a line from the specified position.</summary>
    /// <returns>The place after the semicolon that ends the statement; -1: it goes on in the next line.</returns>
    public int Follow(string line, int from = 0)
    {
        isOtherLine |= from == 0;
        for (var i = from; i < line.Length; i++)
        {
            if (closing is not null)
                i = Inside(line, i);
            else if (line[i] == '-' && i + 1 < line.Length && line[i + 1] == '-')
            {
                // As for the server, a CR ends a comment too.
                i = line.IndexOf('\r', i);
                if (i < 0)
                    break;
            }
            else if (line[i] == ';' && parentheses == 0 && blocks == 0)
                return End(i + 1);
            else
                i = Outside(line, i);
        }

        return -1;
    }

    private int End(int place)
    {
        (IsBegun, initials, words, parentheses) = (false, "", 0, 0);
        return place;
    }

    private int Inside(string line, int i)
    {
        if (escapes && closing == "'" && line[i] == '\\')
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
        // A comment between the two parts of a string ends neither.
        if (closing != "*/")
            (canContinue, isOtherLine) = (closing == "'" && escapes, false);
        closing = null;
        return last;
    }

    private int Outside(string line, int i)
    {
        var c = line[i];
        if (c == '/' && i + 1 < line.Length && line[i + 1] == '*')
        {
            (closing, depth) = ("*/", 1);
            return i + 1;
        }

        IsBegun |= !char.IsWhiteSpace(c);
        isOtherLine |= c == '\r';
        var continues = canContinue && isOtherLine;
        canContinue &= char.IsWhiteSpace(c);
        switch (c)
        {
            case '\'' or '"':
                closing = c.ToString();
                escapes = c == '\'' && (continues || BackslashEscapes || i > 0 && line[i - 1] is 'E' or 'e' && (i == 1 || !IsWord(line[i - 2])));
                return i;
            case '\\':
                Commands.Add(line[i..]);
                return line.Length;
            case '(':
                parentheses++;
                return i;
            case ')':
                parentheses = Math.Max(0, parentheses - 1);
                return i;
            case '$':
                return OpenDollar(line, i);
            default:
                return IsWord(c) ? Word(line, i) : i;
        }
    }

    /// <returns>The last character of the word.</returns>
    private int Word(string line, int begin)
    {
        var end = begin + 1;
        while (end < line.Length && IsWord(line[end]))
            end++;
        if (!char.IsAsciiDigit(line[begin]))
            Take(line.AsSpan(begin, end - begin));
        return end - 1;
    }

    private void Take(ReadOnlySpan<char> word)
    {
        if (words++ < 4)
            initials += word.Length <= 9 && word.ToString().ToUpperInvariant() is "CREATE" or "OR" or "REPLACE" or "FUNCTION" or "PROCEDURE" ? char.ToLowerInvariant(word[0]) : '.';
        if (parentheses > 0 || !(initials.StartsWith("cf", StringComparison.Ordinal) || initials.StartsWith("cp", StringComparison.Ordinal) || initials is "corf" or "corp"))
            return;
        if (word.Equals("BEGIN", StringComparison.OrdinalIgnoreCase) || blocks > 0 && word.Equals("CASE", StringComparison.OrdinalIgnoreCase))
            blocks++;
        else if (word.Equals("END", StringComparison.OrdinalIgnoreCase))
            blocks = Math.Max(0, blocks - 1);
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
