using System.Globalization;
using System.Text;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The values of a TOML file by their path (<c>flyway.table</c>), as text: those of an array with commas between them. Dates and other values that configurations of migration
/// tools do not have are read as they are written (https://toml.io/en/v1.0.0).
/// </summary>
internal sealed class TomlValues
{
    private readonly string text;
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private int at;

    private TomlValues(string text) => this.text = text;

    /// <exception cref="FormatException">It is not TOML.</exception>
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        var reader = new TomlValues(text);
        reader.Tables();
        return reader.values;
    }

    private char Next => at < text.Length ? text[at] : '\0';

    private void Tables()
    {
        var table = "";
        for (Skip(lines: true); at < text.Length; Skip(lines: true))
        {
            if (Next != '[')
            {
                Pair(table);
                continue;
            }

            var isArray = text.AsSpan(at).StartsWith("[[");
            at += isArray ? 2 : 1;
            table = Path() + ".";
            Expect(']');
            if (isArray)
                Expect(']');
        }
    }

    private void Pair(string table)
    {
        var name = table + Path();
        Expect('=');
        Skip(lines: false);
        if (Next == '{')
            Inline(name + ".");
        else
            values[name] = Value();
    }

    private void Inline(string table)
    {
        for (at++; ;)
        {
            Skip(lines: true);
            if (Next == '}')
                break;
            Pair(table);
            Skip(lines: true);
            if (Next == ',')
                at++;
            else if (Next != '}')
                throw Bad();
        }

        at++;
    }

    private string Path()
    {
        var parts = new List<string>();
        do
        {
            Skip(lines: false);
            parts.Add(Next is '"' or '\'' ? Quoted() : Bare(c => char.IsLetterOrDigit(c) || c is '_' or '-'));
            Skip(lines: false);
        }
        while (Next == '.' && ++at > 0);
        return string.Join('.', parts);
    }

    private string Value()
    {
        Skip(lines: false);
        if (Next is '"' or '\'')
            return Quoted();
        if (Next != '[')
            return Bare(c => c is not (',' or ']' or '}' or '#') && !char.IsWhiteSpace(c));
        var items = new List<string>();
        for (at++; ;)
        {
            Skip(lines: true);
            if (Next == ']')
                break;
            if (Next == '{')
                Inline("");
            else
                items.Add(Value());
            Skip(lines: true);
            if (Next == ',')
                at++;
            else if (Next != ']')
                throw Bad();
        }

        at++;
        return string.Join(',', items);
    }

    private string Bare(Func<char, bool> belongs)
    {
        var start = at;
        while (at < text.Length && belongs(text[at]))
            at++;
        return at > start ? text[start..at] : throw Bad();
    }

    private string Quoted()
    {
        var quote = new string(Next, text.AsSpan(at).StartsWith(new string(Next, 3)) ? 3 : 1);
        at += quote.Length;
        // A line break after three quotes is no part of the value.
        if (quote.Length == 3 && text.AsSpan(at).StartsWith("\r\n"))
            at += 2;
        else if (quote.Length == 3 && Next == '\n')
            at++;
        var value = new StringBuilder();
        for (; !text.AsSpan(at).StartsWith(quote); at++)
        {
            if (at >= text.Length || (quote.Length == 1 && Next == '\n'))
                throw Bad();
            if (Next == '\\' && quote[0] == '"')
                value.Append(Escaped());
            else
                value.Append(Next);
        }

        at += quote.Length;
        return value.ToString();
    }

    private string Escaped()
    {
        at++;
        switch (Next)
        {
            case 'n': return "\n";
            case 't': return "\t";
            case 'r': return "\r";
            case 'b': return "\b";
            case 'f': return "\f";
            case 'u' or 'U':
                var length = Next == 'u' ? 4 : 8;
                if (at + length >= text.Length || !int.TryParse(text.AsSpan(at + 1, length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                    throw Bad();
                at += length;
                return new Rune(code).ToString();
            case '"' or '\\': return Next.ToString();
            default:
                if (!char.IsWhiteSpace(Next))
                    throw Bad();
                while (at + 1 < text.Length && char.IsWhiteSpace(text[at + 1]))
                    at++;
                return "";
        }
    }

    private void Expect(char mark)
    {
        Skip(lines: false);
        if (Next != mark)
            throw Bad();
        at++;
    }

    private void Skip(bool lines)
    {
        for (; at < text.Length; at++)
        {
            if (text[at] == '#')
            {
                while (at + 1 < text.Length && text[at + 1] != '\n')
                    at++;
            }
            else if (text[at] is not (' ' or '\t' or '\r' or '\uFEFF') && !(lines && text[at] == '\n'))
            {
                return;
            }
        }
    }

    private FormatException Bad() => new($"line {text.AsSpan(0, Math.Min(at, text.Length)).Count('\n') + 1} is not TOML");
}
