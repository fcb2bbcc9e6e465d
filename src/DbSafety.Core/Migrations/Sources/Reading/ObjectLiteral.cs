using System.Text;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>
/// An object literal of JSON, JSON5 or JavaScript as a tree of dictionaries, lists and strings (numbers and <c>true</c> too); what is computed is <see cref="Computed"/>, and a property
/// of that name says that others are taken over.
/// </summary>
internal sealed class ObjectLiteral
{
    public const string Computed = "\0computed";

    private readonly string text;

    private int at;

    private ObjectLiteral(string text) => this.text = text;

    /// <summary>The first object of a text; null: it has none.</summary>
    public static IReadOnlyDictionary<string, object>? Read(string text) => text.IndexOf('{', StringComparison.Ordinal) is var open and >= 0 ? new ObjectLiteral(text) { at = open }.Value() as Dictionary<string, object> : null;

    private object Value()
    {
        Blanks();
        var from = at;
        object value = Peek() switch
        {
            '{' => Members(),
            '[' => Items(),
            '"' or '\'' => Quoted(),
            _ => Computed,
        };
        Blanks();
        if (value is not Computed && (at >= text.Length || Peek() is ',' or '}' or ']' or ';' or ')'))
            return value;
        at = from;
        Skip();
        return text[from..at].Trim() is var plain && (plain is "true" or "false" or "null" || double.TryParse(plain, System.Globalization.CultureInfo.InvariantCulture, out _)) ? plain : Computed;
    }

    private Dictionary<string, object> Members()
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        for (at++; ;)
        {
            Blanks();
            if (at >= text.Length || Peek() == '}')
                break;
            var from = at;
            var name = Peek() is '"' or '\'' ? Quoted() : Word();
            Blanks();
            if (name.Length > 0 && Peek() == ':')
            {
                at++;
                members[name] = Value();
            }
            else
            {
                at = from;
                Skip();
                members[Computed] = Computed;
            }

            Blanks();
            if (Peek() == ',')
                at++;
        }

        at++;
        return members;
    }

    private List<object> Items()
    {
        var items = new List<object>();
        for (at++; ;)
        {
            Blanks();
            if (at >= text.Length || Peek() == ']')
                break;
            items.Add(Value());
            Blanks();
            if (Peek() == ',')
                at++;
        }

        at++;
        return items;
    }

    private string Quoted()
    {
        var (quote, value) = (text[at], new StringBuilder());
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    private string Word()
    {
        var from = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$'))
            at++;
        return text[from..at];
    }

    /// <summary>To the end of what cannot be read.</summary>
    private void Skip()
    {
        var (depth, last) = (0, ':');
        for (Blanks(); at < text.Length; Blanks())
        {
            var c = text[at];
            if (depth == 0 && (c is ',' or '}' or ']'))
                return;
            depth += c is '{' or '[' or '(' ? 1 : c is '}' or ']' or ')' ? -1 : 0;
            at = c is '"' or '\'' or '`' ? AfterString(c) : c == '/' && !char.IsLetterOrDigit(last) && last is not (')' or ']' or '}' or '"' or '\'' or '`' or '_' or '$') ? JavaScriptValues.AfterRegex(text, at) : at + 1;
            last = c;
        }
    }

    private int AfterString(char quote)
    {
        var end = at + 1;
        while (end < text.Length && text[end] != quote)
            end += text[end] == '\\' ? 2 : 1;
        return Math.Min(end + 1, text.Length);
    }

    private void Blanks()
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] == '\uFEFF')
                at++;
            else if (text.AsSpan(at).StartsWith("//"))
                at = text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;
            else if (text.AsSpan(at).StartsWith("/*"))
                at = text.IndexOf("*/", at + 2, StringComparison.Ordinal) is var end and >= 0 ? end + 2 : text.Length;
            else
                return;
        }
    }

    private char Peek() => at < text.Length ? text[at] : '\0';
}
