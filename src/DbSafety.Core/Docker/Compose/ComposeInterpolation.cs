using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Docker.Compose;

/// <summary>Replaces variables as compose does (https://docs.docker.com/reference/compose-file/interpolation/).</summary>
internal static partial class ComposeInterpolation
{
    /// <summary>A variable that is not set is empty, as in compose, which reports a warning.</summary>
    /// <exception cref="FormatException">Compose rejects it, too; the message shows the reason and repeats no value.</exception>
    public static string Expand(string text, Func<string, string?> variable)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$')
                result.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == '$')
                result.Append(text[i++]);
            else if (i + 1 < text.Length && text[i + 1] == '{')
            {
                var end = End(text, i + 2);
                result.Append(Braced(text[(i + 2)..end], variable));
                i = end;
            }
            else if (Name().Match(text, i + 1) is { Success: true } name)
            {
                result.Append(variable(name.Value));
                i += name.Length;
            }
            else
            {
                throw new FormatException("it has a $ that does not begin a variable; compose needs $$ for a literal $");
            }
        }

        return result.ToString();
    }

    private static int End(string text, int start)
    {
        var depth = 1;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '{' && text[i - 1] == '$')
                depth++;
            else if (text[i] == '}' && --depth == 0)
                return i;
        }

        throw new FormatException("it has a ${ that is not closed");
    }

    private static string Braced(string expression, Func<string, string?> variable)
    {
        var name = Name().Match(expression);
        var (sign, rest) = name.Success ? Sign(expression[name.Length..]) : (null, "");
        if (sign is null)
            throw new FormatException("it has a ${…} that is not a variable");
        var value = variable(name.Value);
        var isThere = sign.StartsWith(':') ? value is { Length: > 0 } : value is not null;
        return sign.TrimStart(':') switch
        {
            "-" => isThere ? value! : Expand(rest, variable),
            "+" => isThere ? Expand(rest, variable) : "",
            "?" when !isThere => throw new FormatException($"the variable {name.Value}, which it requires, is not set"),
            _ => value ?? "",
        };
    }

    private static (string? Operator, string Tail) Sign(string text) =>
        text.Length == 0 ? ("", "")
        : text.Length > 1 && text[0] == ':' && (text[1] is '-' or '+' or '?') ? (text[..2], text[2..])
        : text[0] is '-' or '+' or '?' ? (text[..1], text[1..])
        : (null, "");

    [GeneratedRegex(@"\G[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Name();
}
