using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Databases.Definitions;

/// <summary>
/// PostgreSQL prints an expression differently after a dump and restore: <c>s IN ('a', 'b')</c> on a varchar is stored as
/// <c>(ARRAY['a'::character varying, …])::text[]</c>, and that text is read as <c>ARRAY[('a'::character varying)::text, …]</c>, a cast of each element.
/// The second form is compared. In a subquery or a function's body, <c>SELECT 'a'</c> is printed as <c>SELECT 'a'::text</c>, and that as
/// <c>SELECT 'a'::text AS text</c>: a name that PostgreSQL derives from the type of a cast is omitted.
/// </summary>
internal static partial class ExpressionText
{
    private const string Opening = "(ARRAY[";

    /// <summary>The name that PostgreSQL derives from a cast, if its type has another name in SQL.</summary>
    private static readonly Dictionary<string, string> TypeNames = new(StringComparer.Ordinal)
    {
        ["integer"] = "int4", ["bigint"] = "int8", ["smallint"] = "int2", ["boolean"] = "bool", ["real"] = "float4", ["double precision"] = "float8", ["character varying"] = "varchar", ["character"] = "bpchar",
        ["bit varying"] = "varbit", ["timestamp without time zone"] = "timestamp", ["timestamp with time zone"] = "timestamptz", ["time without time zone"] = "time", ["time with time zone"] = "timetz",
    };

    /// <param name="version">The version of the hash of definitions: version 3 and later omit names of casts.</param>
    public static string Canonical(string text, int version = SchemaDefinitions.HashVersion) => WithCastsOfElements(version < 3 ? text : WithoutNamesOfCasts(text));

    private static string WithoutNamesOfCasts(string text)
    {
        if (!text.Contains(" AS ", StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = text[i] is '\'' or '"' ? AfterQuoted(text, i) : i + 1;
            if (text[i] == ':' && NamedCastPattern().Match(text, i) is { Success: true } cast && IsNameOf(cast.Groups[1].Value, cast.Groups[2].Value))
            {
                result.Append(text, i, cast.Groups[2].Index - " AS ".Length - i);
                i = cast.Index + cast.Length;
                continue;
            }

            result.Append(text, i, end - i);
            i = end;
        }

        return result.ToString();
    }

    private static bool IsNameOf(string type, string name) => TypeNames.GetValueOrDefault(ModifierPattern().Replace(type, ""), type) is var known && (known == name || known.EndsWith("." + name, StringComparison.Ordinal));

    private static string WithCastsOfElements(string text)
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
                result.Append("ARRAY[").AppendJoin(", ", elements.Select(e => $"({WithCastsOfElements(e)})::{type}")).Append(']');
                i = cast.Index + cast.Length;
                continue;
            }

            result.Append(text, i, end - i);
            i = end;
        }

        return result.ToString();
    }

    /// <summary>The elements of an array, and the position of its closing bracket; null if they are arrays themselves.</summary>
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

    /// <summary>A doubled quote ends a quoted text and begins the next.</summary>
    private static int AfterQuoted(string text, int start)
    {
        var end = text.IndexOf(text[start], start + 1);
        return end < 0 ? text.Length : end + 1;
    }

    [GeneratedRegex("""\G::((?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+)(?: varying| precision)?(?:\([\d,]+\))?(?: with(?:out)? time zone)?)(?:\[\])* AS ("(?:[^"]|"")+"|\w+)""")]
    private static partial Regex NamedCastPattern();

    [GeneratedRegex(@"\([\d,]+\)")]
    private static partial Regex ModifierPattern();

    [GeneratedRegex("""\G\]\)::((?:"[^"]+"|[\w. ])+(?:\([\d,]+\))?[\w ]*)\[\]""")]
    private static partial Regex CastPattern();
}
