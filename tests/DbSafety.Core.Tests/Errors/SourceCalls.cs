using System.Text.RegularExpressions;

namespace DbSafety.Core.Tests.Errors;

/// <summary>A call in a source file.</summary>
/// <param name="Receiver">The expression before the name of the method.</param>
/// <param name="Arguments">Strings in them are replaced by underscores.</param>
internal sealed record SourceCall(string File, int Line, string Receiver, string Method, IReadOnlyList<string> Arguments)
{
    public override string ToString() => $"{Path.GetFileName(File)}:{Line}: {Receiver}.{Method}({string.Join(", ", Arguments)})";
}

/// <summary>Finds calls in C#, whose strings and comments are skipped.</summary>
internal static partial class SourceCalls
{
    public static IEnumerable<SourceCall> Read(string file, string source, Regex methods)
    {
        var code = Code(source);
        foreach (Match call in methods.Matches(code))
        {
            var open = call.Index + call.Length - 1;
            var inside = code[(open + 1)..(Closing(code, open) - 1)];
            yield return new SourceCall(file, code.AsSpan(0, call.Index).Count('\n') + 1, Receiver(code, call.Index), call.Groups[1].Value, [.. Split(inside)]);
        }
    }

    /// <summary>The source with the same length, in which nothing but code is left.</summary>
    public static string Code(string source)
    {
        var code = source.ToCharArray();
        for (var i = 0; i < source.Length;)
        {
            var (end, fill) = source.AsSpan(i) switch
            {
                ['/', '/', ..] => (source.IndexOf('\n', i) is var line and >= 0 ? line : source.Length, ' '),
                ['/', '*', ..] => (source.IndexOf("*/", i, StringComparison.Ordinal) + 2, ' '),
                _ => (Literal(source, i), '_'),
            };
            if (end == i)
                end++;
            else
                code.AsSpan(i..end).Fill(fill);
            i = end;
        }

        for (var i = 0; i < code.Length; i++)
            code[i] = source[i] == '\n' ? '\n' : code[i];
        return new string(code);
    }

    /// <summary>The end of the string or character that begins here; the same position, if none does.</summary>
    private static int Literal(string text, int at)
    {
        if (text[at] == '\'')
            return text.IndexOf('\'', text[at + 1] == '\\' ? at + 3 : at + 2) + 1;
        var start = Opening().Match(text, at);
        if (!start.Success)
            return at;
        var (dollars, quotes) = (start.Value.Count(c => c == '$'), start.Groups["quotes"].Length);
        var (isRaw, isVerbatim) = (quotes >= 3, start.Value.Contains('@', StringComparison.Ordinal));
        for (var i = at + start.Length; ;)
        {
            if (isRaw && Run(text, i, '"') is var run and > 0)
            {
                if (run >= quotes)
                    return i + run;
                i += run;
            }
            else if (text[i] == '"' && !(isVerbatim && Run(text, i, '"') > 1))
                return i + 1;
            else if (!isRaw && (text[i] == '"' || (text[i] == '\\' && !isVerbatim)))
                i += 2;
            else if (dollars > 0 && Run(text, i, '{') is var braces and > 0)
                i = (isRaw ? braces >= dollars : braces % 2 == 1) ? Hole(text, i + braces) + (isRaw ? dollars : 1) : i + braces;
            else
                i++;
        }
    }

    /// <summary>The position of the brace that ends an interpolation.</summary>
    private static int Hole(string text, int at)
    {
        for (var depth = 0; depth > 0 || text[at] != '}';)
        {
            var end = Literal(text, at);
            if (end > at)
            {
                at = end;
                continue;
            }

            depth += text[at] is '{' or '(' or '[' ? 1 : text[at] is '}' or ')' or ']' ? -1 : 0;
            at++;
        }

        return at;
    }

    private static int Run(string text, int at, char c) => text.AsSpan(at).IndexOfAnyExcept(c) is var end and >= 0 ? end : text.Length - at;

    private static int Closing(string code, int open)
    {
        for (var (at, depth) = (open, 0); ; at++)
        {
            depth += code[at] is '(' or '[' or '{' ? 1 : code[at] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0)
                return at + 1;
        }
    }

    /// <summary>A name with its members, or an expression in parentheses.</summary>
    private static string Receiver(string code, int end)
    {
        if (code[end - 1] != ')')
            return Member().Match(code, 0, end).Value;
        var (at, depth) = (end, 0);
        do
        {
            at--;
            depth += code[at] is ')' ? 1 : code[at] is '(' ? -1 : 0;
        }
        while (depth > 0);
        return code[at..end];
    }

    private static IEnumerable<string> Split(string inside)
    {
        // The types of a generic name have commas of their own.
        while (Types().IsMatch(inside))
            inside = Types().Replace(inside, m => new string('_', m.Length));
        var (from, depth) = (0, 0);
        for (var i = 0; i < inside.Length; i++)
        {
            depth += inside[i] is '(' or '[' or '{' ? 1 : inside[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth != 0 || inside[i] != ',')
                continue;
            yield return inside[from..i].Trim();
            from = i + 1;
        }

        if (inside.Trim().Length > 0)
            yield return inside[from..].Trim();
    }

    [GeneratedRegex("""\G(?:(?:\$?@|@\$)(?<quotes>")|\$*(?<quotes>"(?:"{2,})?))""")]
    private static partial Regex Opening();

    [GeneratedRegex(@"[\w.]+\z", RegexOptions.RightToLeft)]
    private static partial Regex Member();

    [GeneratedRegex(@"(?<=\w)<[\w ,.?\[\]]+>(?=[(.),\]\[> ])")]
    private static partial Regex Types();
}
