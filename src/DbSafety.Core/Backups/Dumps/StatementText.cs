namespace DbSafety.Backups.Dumps;

/// <summary>A statement of a script without the blanks and comments before it.</summary>
internal static class StatementText
{
    public static string WithoutComments(string sql)
    {
        var i = 0;
        while (i < sql.Length)
        {
            if (char.IsWhiteSpace(sql[i]))
                i++;
            else if (string.CompareOrdinal(sql, i, "--", 0, 2) == 0)
                i = sql.IndexOf('\n', i) is >= 0 and var end ? end : sql.Length;
            else if (string.CompareOrdinal(sql, i, "/*", 0, 2) == 0)
                i = EndOfComment(sql, i);
            else
                break;
        }

        return i == 0 ? sql : sql[i..];
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
}
