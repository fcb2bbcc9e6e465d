namespace DbSafety.Backups.Dumps;

/// <summary>psql's own commands as pg_dump and pg_dumpall write them.</summary>
internal static class PsqlConnect
{
    // \restrict and \unrestrict came in August 2025 with every minor release; psql of before knows neither.
    private static readonly string[] Harmless = ["\\restrict", "\\unrestrict", "\\echo", "\\qecho", "\\pset", "\\timing", "\\set", "\\unset", "\\encoding", "\\."];

    /// <summary>The database of a <c>\connect</c> line; null where the line is none.</summary>
    public static string? Database(string line)
    {
        var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        if (words is not ["\\connect" or "\\c", { Length: > 0 } rest])
            return null;
        if (rest.StartsWith("-reuse-previous=on ", StringComparison.Ordinal))
            return FromConnectionString(rest["-reuse-previous=on ".Length..]);
        return PlainSection.Unquote(rest.StartsWith('"') ? rest : rest.Split(' ')[0]);
    }

    public static bool IsHarmless(string line) => Harmless.Contains(line.Split(' ', 2)[0].TrimEnd('\r'), StringComparer.Ordinal);

    /// <summary><c>"dbname='odd ''name'"</c>: quotes and backslashes with a backslash before them, and the whole in psql's double quotes.</summary>
    private static string FromConnectionString(string text)
    {
        var value = PlainSection.Unquote(text.Trim());
        var begin = value.IndexOf("dbname='", StringComparison.Ordinal);
        if (begin < 0)
            return value;
        var name = new System.Text.StringBuilder();
        for (var i = begin + "dbname='".Length; i < value.Length && value[i] != '\''; i++)
            name.Append(value[i] == '\\' && i + 1 < value.Length ? value[++i] : value[i]);
        return name.ToString();
    }
}
