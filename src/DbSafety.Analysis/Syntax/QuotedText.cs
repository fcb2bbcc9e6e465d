using System.Globalization;
using System.Text;

namespace DbSafety.Analysis.Syntax;

/// <summary>Reads what stands between quotes, of names and of literals.</summary>
internal static class QuotedText
{
    /// <summary>Of <c>'…'</c>, <c>E'…'</c>, <c>$tag$…$tag$</c> and their like; a literal that is not closed runs to its end.</summary>
    public static ReadOnlySpan<char> Inside(ReadOnlySpan<char> literal)
    {
        if (literal[0] == '$')
        {
            var tag = literal[..(literal[1..].IndexOf('$') + 2)];
            var body = literal[tag.Length..];
            return body.EndsWith(tag, StringComparison.Ordinal) ? body[..^tag.Length] : body;
        }

        var open = literal.IndexOfAny('\'', '"');
        if (literal[0] is 'u' or 'U' && literal.Length > open + 2 && literal[^1] == '\'' && literal[^3] == '\'')
            literal = WithoutEscapeClause(literal, open);
        return literal.Length - open >= 2 && literal[^1] == literal[open] ? literal[(open + 1)..^1] : literal[(open + 1)..];
    }

    /// <summary>The text a literal stands for. Escapes of <c>E''</c> that name characters by number stay as they are.</summary>
    public static string Literal(SqlToken token)
    {
        var inside = token.Inside;
        if (token.Source[token.Start] == '$' || inside.IndexOfAny('\'', '\\') < 0)
            return inside.ToString();
        var text = inside.ToString().Replace("''", "'", StringComparison.Ordinal);
        return token.Source[token.Start] is 'e' or 'E' ? Unescape(text) : text;
    }

    /// <summary>Of <c>"…"</c> and <c>U&amp;"…"</c>, cut to 63 bytes.</summary>
    public static string Name(ReadOnlySpan<char> quoted)
    {
        var inside = Inside(quoted);
        var name = inside.Contains('"') ? inside.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : inside.ToString();
        if (quoted[0] == '"')
            return SqlWords.Cut(name);
        var hasClause = quoted[^1] == '\'';
        return SqlWords.Cut(CodePoints(name, hasClause ? quoted[^2] : '\\'));
    }

    /// <summary>Cuts <c>UESCAPE '!'</c> off, if the literal ends with one.</summary>
    private static ReadOnlySpan<char> WithoutEscapeClause(ReadOnlySpan<char> literal, int open)
    {
        for (var i = open + 1; i < literal.Length; i++)
        {
            if (literal[i] != literal[open])
                continue;
            if (i + 1 < literal.Length && literal[i + 1] == literal[open])
                i++;
            else if (literal[i..].Contains("uescape", StringComparison.OrdinalIgnoreCase))
                return literal[..(i + 1)];
        }

        return literal;
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
                result.Append(text[i]);
            else
                result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }

        return result.ToString();
    }

    /// <summary><c>\0061</c>, <c>\+000061</c> and <c>\\</c>.</summary>
    private static string CodePoints(string name, char escape)
    {
        var result = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var (skip, digits) = name[i] != escape ? (0, 0) : i + 1 < name.Length && name[i + 1] == '+' ? (2, 6) : (1, 4);
            if (digits > 0 && i + skip + digits <= name.Length
                && int.TryParse(name.AsSpan(i + skip, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
            {
                result.Append(new Rune(code));
                i += skip + digits - 1;
            }
            else
            {
                result.Append(name[i]);
                i += name[i] == escape && i + 1 < name.Length && name[i + 1] == escape ? 1 : 0;
            }
        }

        return result.ToString();
    }
}
