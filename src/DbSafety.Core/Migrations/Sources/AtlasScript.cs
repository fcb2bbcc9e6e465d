using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>A script of Atlas whose first line specifies the delimiter of its statements (<c>-- atlas:delimiter</c>), as Atlas splits it (sql/migrate/lex.go).</summary>
internal static partial class AtlasScript
{
    /// <summary>The script with a semicolon in place of each delimiter. Line numbers do not change.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>: it has several parts (<c>-- atlas:txtar</c>), or its delimiter is not on lines of its own, where it can be part of a word.</exception>
    public static string Read(string text, string path)
    {
        if (Parts().IsMatch(text))
            throw Unreadable(path, "it has several parts (-- atlas:txtar), which DbSafety does not read");
        if (Delimiter().Match(text) is not { Success: true } match)
            return text;
        var delimiter = match.Groups[1].Value.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal);
        var (first, rest) = (text[..match.Length], text[match.Length..]);
        if (delimiter.Trim() is ";")
            return text;
        if (delimiter.All(c => c == '\n'))
            return first + rest.Replace(delimiter, delimiter + ";", StringComparison.Ordinal);
        var read = Regex.Replace(rest, $@"^[ \t]*{Regex.Escape(delimiter)}[ \t]*(?=\r?$)", ";", RegexOptions.Multiline, TimeSpan.FromSeconds(10));
        return read.Contains(delimiter, StringComparison.Ordinal) ? throw Unreadable(path, $"its delimiter {match.Groups[1].Value} is also used within lines") : first + read;
    }

    private static DbSafetyException Unreadable(string path, string why) => ErrorCatalogue.ToolFileUnreadable.For(path, "Atlas", why);

    [GeneratedRegex(@"\A\uFEFF?--[ \t]*atlas:txtar\b")]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A\uFEFF?--[ \t]*atlas:delimiter[ \t]+(\S[^\r\n]*?)[ \t]*(?:\r?\n|\z)")]
    private static partial Regex Delimiter();
}
