using System.Text;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The properties that an object literal in JavaScript or JSON gives a plain string, by their path (<c>migrations.table</c>, the outermost
/// object without a name). A value that is no plain string is there with null.
/// </summary>
internal static class JavaScriptValues
{
    public static IReadOnlyDictionary<string, string?> Read(string text)
    {
        var tokens = Tokens(text);
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        var path = new Stack<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            switch (tokens[i].Text)
            {
                case "{" when !tokens[i].Quoted:
                    path.Push(i >= 2 && tokens[i - 1].Is(":") ? tokens[i - 2].Text : "");
                    break;
                case "}" when !tokens[i].Quoted && path.Count > 0:
                    path.Pop();
                    break;
                case ":" when !tokens[i].Quoted && i > 0 && i + 1 < tokens.Count && !tokens[i + 1].Is("{"):
                    var name = string.Join('.', path.Reverse().Append(tokens[i - 1].Text).Where(p => p.Length > 0));
                    var plain = tokens[i + 1].Quoted && (i + 2 >= tokens.Count || tokens[i + 2].Is(",") || tokens[i + 2].Is("}"));
                    values.TryAdd(name, plain ? tokens[i + 1].Text : Joined(tokens, i + 1));
                    break;
            }
        }

        return values;
    }

    /// <summary><c>path.join('a', 'b')</c>, with <c>__dirname</c> or <c>import.meta.dirname</c> before that or not; null: it is something else.</summary>
    private static string? Joined(List<Token> tokens, int at)
    {
        if (tokens[at].Is("path") && at + 2 < tokens.Count && tokens[at + 1].Is("."))
            at += 2;
        if (!tokens[at].Is("join") || at + 1 >= tokens.Count || !tokens[at + 1].Is("("))
            return null;
        at += 2;
        foreach (var folder in new[] { new[] { "__dirname", "," }, ["import", ".", "meta", ".", "dirname", ","] })
        {
            if (at + folder.Length < tokens.Count && folder.Select((word, i) => tokens[at + i].Is(word)).All(same => same))
                at += folder.Length;
        }

        var parts = new List<string>();
        for (; at + 1 < tokens.Count && tokens[at].Quoted; at += 2)
        {
            parts.Add(tokens[at].Text);
            if (tokens[at + 1].Is(")"))
                return string.Join('/', parts);
            if (!tokens[at + 1].Is(","))
                return null;
        }

        return null;
    }

    private readonly record struct Token(string Text, bool Quoted)
    {
        public bool Is(string mark) => !Quoted && Text == mark;
    }

    private static List<Token> Tokens(string text)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
                i++;
            else if (c == '/' && i + 1 < text.Length && text[i + 1] is '/' or '*')
                i = AfterComment(text, i);
            else if (c is '"' or '\'' or '`')
                i = AfterString(text, i, tokens);
            else if (char.IsLetterOrDigit(c) || c is '_' or '$')
                i = AfterWord(text, i, tokens);
            else
                tokens.Add(new Token(text[i++].ToString(), false));
        }

        return tokens;
    }

    private static int AfterComment(string text, int start)
    {
        var (end, length) = text[start + 1] == '/' ? (text.IndexOf('\n', start), 1) : (text.IndexOf("*/", start + 2, StringComparison.Ordinal), 2);
        return end < 0 ? text.Length : end + length;
    }

    private static int AfterWord(string text, int start, List<Token> tokens)
    {
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '$'))
            end++;
        tokens.Add(new Token(text[start..end], false));
        return end;
    }

    private static int AfterString(string text, int start, List<Token> tokens)
    {
        var (value, plain, i) = (new StringBuilder(), true, start + 1);
        for (; i < text.Length && text[i] != text[start]; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            else if (text[start] == '`' && text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{')
                plain = false;
            value.Append(text[i]);
        }

        tokens.Add(new Token(value.ToString(), plain));
        return i + 1;
    }
}
