using System.Text;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The properties that an object literal in JavaScript or JSON gives a plain string, by their path (<c>migrations.table</c>, the outermost
/// object without a name). A value that is no plain string is there with null.
/// </summary>
internal static class JavaScriptValues
{
    /// <summary>The property stands for all that an object takes over from others.</summary>
    private const string Spread = "...";

    /// <summary>What <c>new Client({ … })</c> is given is no configuration of the tool.</summary>
    private const string Argument = "(";

    public static IReadOnlyDictionary<string, string?> Read(string text)
    {
        var tokens = Tokens(text);
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        // Of each bracket that is open, the property that it is the value of; null: it is none of an object.
        var path = new Stack<string?>();
        for (var i = 0; i < tokens.Count; i++)
        {
            var isIn = path.TryPeek(out var own) && own is not null && !path.Contains(Argument);
            string Name(string last) => string.Join('.', path.Reverse().Append(last).Where(p => !string.IsNullOrEmpty(p)));
            switch (tokens[i].Text)
            {
                case "{" when !tokens[i].Quoted:
                    path.Push(IsList(tokens, i) ? null : i >= 2 && tokens[i - 1].Is(":") ? Before(tokens, i - 1) : "");
                    break;
                case "[" or "(" when !tokens[i].Quoted:
                    path.Push(i >= 2 && tokens[i - 2].Is("new") ? Argument : null);
                    break;
                case "}" or "]" or ")" when !tokens[i].Quoted && path.Count > 0:
                    path.Pop();
                    break;
                case "." when isIn && !tokens[i].Quoted && i + 2 < tokens.Count && tokens[i + 1].Is(".") && tokens[i + 2].Is(".") && (tokens[i - 1].Is("{") || tokens[i - 1].Is(",")):
                    Set(values, Name(Spread), null);
                    break;
                case ":" when isIn && !tokens[i].Quoted && i > 0 && i + 1 < tokens.Count && !tokens[i + 1].Is("{"):
                    var plain = tokens[i + 1].Quoted && (i + 2 >= tokens.Count || tokens[i + 2].Is(",") || tokens[i + 2].Is("}"));
                    Set(values, Name(Before(tokens, i)), plain ? tokens[i + 1].Text : Joined(tokens, i + 1));
                    break;
                // x.name = …, in whatever way that is written.
                case "=" when !tokens[i].Quoted && i >= 3 && tokens[i - 2].Is(".") && i + 1 < tokens.Count && !tokens[i + 1].Is("=") && !tokens[i + 1].Is(">"):
                    Set(values, Assigned(tokens, i), null);
                    break;
                default:
                    // A property that has the name of its variable, or that is a function.
                    if (isIn && tokens[i].IsWord && i + 1 < tokens.Count
                        && (((tokens[i - 1].Is("{") || tokens[i - 1].Is(",")) && (tokens[i + 1].Is(",") || tokens[i + 1].Is("}"))) || (tokens[i - 1].Is("get") && tokens[i + 1].Is("("))))
                    {
                        Set(values, Name(tokens[i].Text), null);
                    }

                    break;
            }
        }

        return values;
    }

    /// <summary>Whether a configuration gives a property, as text or in a way that is not known without running it (null).</summary>
    public static bool TryFind(IReadOnlyDictionary<string, string?> values, string name, out string? value)
    {
        if (values.TryGetValue(name, out value))
            return true;
        // The object that has it is no literal, or takes over what others have.
        var parts = name.Split('.');
        return Enumerable.Range(1, parts.Length - 1).Any(n => values.ContainsKey(string.Join('.', parts[..n])))
            || Enumerable.Range(0, parts.Length).Any(n => values.ContainsKey(string.Join('.', parts[..n].Append(Spread))));
    }

    /// <summary>What a configuration exports is an object that is written there, by itself or in <c>defineConfig(…)</c>; one that exports nothing is JSON.</summary>
    public static bool ExportsLiteral(string text)
    {
        var tokens = Tokens(text);
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("export") && tokens[i + 1].Is("default"))
                return IsLiteral(tokens, i + 2, 0);
            if (tokens[i].Is("exports") && tokens[i + 1].Is("="))
                return IsLiteral(tokens, i + 2, 0);
            if (tokens[i].Is("default") && i > 0 && (tokens[i - 1].Is("{") || tokens[i - 1].Is(",")) && IsReExport(tokens, i))
                return false;
            if (tokens[i].Is("as") && tokens[i + 1].Is("default"))
                return IsLiteral(tokens, i - 1, 0);
        }

        return true;
    }

    /// <summary>Of the list behind <c>export</c>, not of one behind <c>import</c>.</summary>
    private static bool IsReExport(List<Token> tokens, int at)
    {
        while (at > 0 && !tokens[at].Is("{"))
            at--;
        return at > 0 && tokens[at - 1].Is("export");
    }

    private static bool IsLiteral(List<Token> tokens, int at, int depth)
    {
        if (at >= tokens.Count || depth > 3)
            return false;
        if (tokens[at].Is("{"))
            return true;
        if (tokens[at].Is("defineConfig") && at + 2 < tokens.Count && tokens[at + 1].Is("(") && tokens[at + 2].Is("{"))
            return !IsOfProject(tokens, "defineConfig");
        if (!tokens[at].IsWord || (at + 1 < tokens.Count && (tokens[at + 1].Is("(") || tokens[at + 1].Is(".") || tokens[at + 1].Is("?") || tokens[at + 1].Is("["))))
            return false;
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (tokens[i].Text is not ("const" or "let" or "var") || !tokens[i + 1].Is(tokens[at].Text))
                continue;
            var value = i + 2;
            // Behind its type.
            while (value < tokens.Count && !tokens[value].Is("=") && !tokens[value].Is(";") && value < i + 12)
                value++;
            return value < tokens.Count && tokens[value].Is("=") && IsLiteral(tokens, value + 1, depth + 1);
        }

        return false;
    }

    /// <summary>The name is imported from a file of the project, or defined in this one.</summary>
    private static bool IsOfProject(List<Token> tokens, string name)
    {
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Text is "function" or "const" or "let" or "var" && tokens[i + 1].Is(name))
                return true;
            if (tokens[i].Text is "import" or "const" && !tokens[i].Quoted && tokens.FindIndex(i, t => t.Quoted || t.Is(";")) is var from and > 0 && tokens[from].Quoted
                && tokens[from].Text.StartsWith('.') && tokens.FindIndex(i, from - i, t => t.Is(name)) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What two objects give in different ways is known only to who runs the program.</summary>
    private static void Set(Dictionary<string, string?> values, string name, string? value) =>
        values[name] = values.TryGetValue(name, out var known) && known != value ? null : value;

    /// <summary>The names behind <c>import</c>, and those that take an object apart.</summary>
    private static bool IsList(List<Token> tokens, int at) => at > 0 && (tokens[at - 1].Text is "import" or "export" or "type" or "const" or "let" or "var" || (tokens[at - 1].Is(",") && at > 2 && tokens[at - 3].Is("import")));

    private static string Before(List<Token> tokens, int colon) => colon >= 3 && tokens[colon - 1].Is("]") && tokens[colon - 2].Quoted && tokens[colon - 3].Is("[") ? tokens[colon - 2].Text : tokens[colon - 1].Text;

    private static string Assigned(List<Token> tokens, int at)
    {
        var names = new List<string>();
        for (var i = at - 1; i >= 1 && tokens[i - 1].Is("."); i -= 2)
            names.Insert(0, tokens[i].Text);
        return string.Join('.', names);
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
        public bool IsWord => !Quoted && (char.IsLetter(Text[0]) || Text[0] is '_' or '$');

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
