namespace DbSafety.Backups.Dumps;

/// <summary>Counts the rows that one INSERT statement of a dump creates.</summary>
internal static class InsertRows
{
    /// <summary>Its VALUES lists; null where the rows come from somewhere else (<c>INSERT … SELECT</c>).</summary>
    public static long? Count(string statement)
    {
        long rows = 0;
        var (depth, values) = (0, false);
        for (var i = 0; i < statement.Length; i++)
        {
            switch (statement[i])
            {
                case '\'' or '"':
                    i = Closing(statement, i);
                    break;
                case '(':
                    rows += depth++ == 0 && values ? 1 : 0;
                    break;
                case ')':
                    depth--;
                    break;
                case var c when depth == 0 && char.IsAsciiLetter(c):
                    var end = i;
                    while (end < statement.Length && (char.IsAsciiLetterOrDigit(statement[end]) || statement[end] is '_'))
                        end++;
                    var word = statement[i..end].ToUpperInvariant();
                    if (word is "SELECT" or "WITH" or "TABLE" && !values)
                        return null;
                    if (word is "ON" or "RETURNING" && values)
                        return rows;
                    rows += word == "DEFAULT" && !values ? 1 : 0;
                    values |= word == "VALUES";
                    i = end - 1;
                    break;
            }
        }

        return values ? rows : null;
    }

    /// <summary>The position of the closing quote of the string that begins here; E'' strings have backslash escapes.</summary>
    private static int Closing(string statement, int begin)
    {
        var escapes = statement[begin] == '\'' && begin > 0 && statement[begin - 1] is 'E' or 'e';
        for (var i = begin + 1; i < statement.Length; i++)
        {
            if (escapes && statement[i] == '\\')
                i++;
            else if (statement[i] == statement[begin])
                return i;
        }

        return statement.Length;
    }
}
