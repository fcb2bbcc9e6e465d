using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Databases.Definitions;

/// <summary>
/// PostgreSQL prints one expression differently once it has been dumped and restored: <c>s IN ('a', 'b')</c> on a varchar is stored as
/// <c>(ARRAY['a'::character varying, …])::text[]</c>, and that text is read as <c>ARRAY[('a'::character varying)::text, …]</c>, a cast of each element.
/// The second form is the one to compare.
/// </summary>
internal static partial class ExpressionText
{
    private const string Opening = "(ARRAY[";

    public static string Canonical(string text)
    {
        if (!text.Contains(Opening, StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = text[i] is '\'' or '"' ? AfterQuoted(text, i) : i + 1;
            if (text.AsSpan(i).StartsWith(Opening, StringComparison.Ordinal) && Elements(text, i + Opening.Length) is var (elements, close) && CastPattern().Match(text, close) is { Success: true } cast)
            {
                var type = cast.Groups[1].Value;
                result.Append("ARRAY[").AppendJoin(", ", elements.Select(e => $"({Canonical(e)})::{type}")).Append(']');
                i = cast.Index + cast.Length;
                continue;
            }

            result.Append(text, i, end - i);
            i = end;
        }

        return result.ToString();
    }

    /// <summary>The elements of an array, and where its closing bracket is; null where they are arrays themselves.</summary>
    private static (List<string> Elements, int Close)? Elements(string text, int start)
    {
        var (elements, depth, begin) = (new List<string>(), 0, start);
        for (var i = start; i < text.Length;)
        {
            switch (text[i])
            {
                case '(' or '[':
                    depth++;
                    break;
                case ']' when depth == 0:
                    elements.Add(text[begin..i].Trim());
                    return elements.Exists(e => e.StartsWith("ARRAY[", StringComparison.Ordinal)) ? null : (elements, i);
                case ')' or ']':
                    depth--;
                    break;
                case ',' when depth == 0:
                    elements.Add(text[begin..i].Trim());
                    begin = i + 1;
                    break;
            }

            i = text[i] is '\'' or '"' ? AfterQuoted(text, i) : i + 1;
        }

        return null;
    }

    /// <summary>A doubled quote ends one quoted text and begins the next.</summary>
    private static int AfterQuoted(string text, int start)
    {
        var end = text.IndexOf(text[start], start + 1);
        return end < 0 ? text.Length : end + 1;
    }

    [GeneratedRegex("""\G\]\)::((?:"[^"]+"|[\w. ])+(?:\([\d,]+\))?[\w ]*)\[\]""")]
    private static partial Regex CastPattern();
}
