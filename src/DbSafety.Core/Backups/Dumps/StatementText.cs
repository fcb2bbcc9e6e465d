using System.Text;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// A statement of a script in the form that pg_dump writes: without comments, with one blank where there are blanks or line breaks, and a line break at its end.
/// Strings, quoted names and dollar quotes stay as they are.
/// </summary>
internal static class StatementText
{
    private const string Blanks = " \t\n\r\f\v";

    /// <param name="backslashEscapes">Strings without an E have backslash escapes too.</param>
    public static string Normal(string sql, bool backslashEscapes = false)
    {
        var text = new StringBuilder(sql.Length);
        var isBlank = false;
        for (var i = 0; i < sql.Length;)
        {
            var end = EndOfBlank(sql, i);
            if (end > i)
            {
                (i, isBlank) = (end, true);
                continue;
            }

            if (isBlank && text.Length > 0 && sql[i] != ';')
                text.Append(' ');
            isBlank = false;
            end = EndOfPiece(sql, i, backslashEscapes);
            text.Append(sql, i, end - i);
            i = end;
        }

        return text.Append('\n').ToString();
    }

    /// <summary>In one line and without what its strings hold, which can be a secret, for people to read.</summary>
    public static string Excerpt(string normal, int longest)
    {
        var text = new StringBuilder();
        for (var i = 0; i < normal.Length && text.Length <= longest;)
        {
            var end = EndOfPiece(normal, i, backslashEscapes: true);
            if (normal[i] == '\'' || (normal[i] == '$' && end > i + 1))
                text.Append((text.Length > 1 && text[^2] == '…' && text[^1] == '\'') ? "" : "'…'");
            else
                text.Append(normal, i, end - i);
            i = end;
        }

        var excerpt = text.Replace('\n', ' ').ToString().TrimEnd(' ', ';');
        return excerpt.Length > longest ? excerpt[..longest] + "…" : excerpt;
    }

    /// <summary>Where its first word begins.</summary>
    public static int Begin(string sql)
    {
        var i = 0;
        for (var end = EndOfBlank(sql, i); end > i; end = EndOfBlank(sql, i))
            i = end;
        return i;
    }

    private static int EndOfBlank(string sql, int i)
    {
        if (i >= sql.Length)
            return i;
        if (Blanks.Contains(sql[i], StringComparison.Ordinal))
            return i + 1;
        if (string.CompareOrdinal(sql, i, "--", 0, 2) == 0)
            return sql.AsSpan(i).IndexOfAny('\n', '\r') is >= 0 and var length ? i + length : sql.Length;
        return string.CompareOrdinal(sql, i, "/*", 0, 2) == 0 ? EndOfComment(sql, i) : i;
    }

    /// <summary>Comments of this kind nest.</summary>
    private static int EndOfComment(string sql, int begin)
    {
        var (depth, i) = (1, begin + 2);
        for (; depth > 0 && i < sql.Length; i++)
        {
            var change = string.CompareOrdinal(sql, i, "/*", 0, 2) == 0 ? 1 : string.CompareOrdinal(sql, i, "*/", 0, 2) == 0 ? -1 : 0;
            depth += change;
            i += change == 0 ? 0 : 1;
        }

        return i;
    }

    private static int EndOfPiece(string sql, int i, bool backslashEscapes)
    {
        var end = i + 1;
        switch (sql[i])
        {
            case '"' or '\'':
                var escapes = sql[i] == '\'' && (backslashEscapes || (i > 0 && sql[i - 1] is 'E' or 'e' && (i == 1 || !IsWord(sql[i - 2]))));
                while (end < sql.Length && sql[end] != sql[i])
                    end += escapes && sql[end] == '\\' ? 2 : 1;
                return Math.Min(end + 1, sql.Length);
            case '$':
                return EndOfDollar(sql, i);
            default:
                if (IsWord(sql[i]))
                {
                    while (end < sql.Length && IsWord(sql[end]))
                        end++;
                }

                return end;
        }
    }

    private static int EndOfDollar(string sql, int i)
    {
        var end = i + 1;
        while (end < sql.Length && IsWord(sql[end]) && sql[end] != '$')
            end++;
        if (end >= sql.Length || sql[end] != '$' || char.IsAsciiDigit(sql[i + 1]))
            return i + 1;
        return sql.IndexOf(sql[i..(end + 1)], end + 1, StringComparison.Ordinal) is >= 0 and var closing ? closing + end + 1 - i : sql.Length;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c > 127;
}
