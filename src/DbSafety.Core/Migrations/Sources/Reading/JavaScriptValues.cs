using System.Text;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>
/// The properties that an object literal in JavaScript or JSON gives a plain string, by their path (<c>migrations.table</c>, the outermost
/// object without a name). A value that is no plain string is there with null.
/// </summary>
internal static class JavaScriptValues
{
    /// <summary>The key for properties that an object spreads from other objects.</summary>
    private const string Spread = "...";

    /// <summary>An argument of <c>new Client({ … })</c> or another call, an item of a list and the body of a function are not the tool's configuration.</summary>
    private const string Argument = "(";

    /// <summary>The packages whose <c>defineConfig</c> returns what it is given.</summary>
    private static readonly string[] Makers = ["drizzle-kit", "prisma/config", "@prisma/config"];

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
                    path.Push(IsList(tokens, i) ? null : isIn && (tokens[i - 1].Is(">") || tokens[i - 1].Is(")")) ? Argument : i >= 2 && tokens[i - 1].Is(":") ? Before(tokens, i - 1) : "");
                    break;
                case "[" or "(" when !tokens[i].Quoted:
                    path.Push(isIn || (tokens[i].Is("(") && i > 0 && tokens[i - 1].IsWord && !tokens[i - 1].Is("defineConfig")) ? Argument : null);
                    break;
                case "}" or "]" or ")" when !tokens[i].Quoted && path.Count > 0:
                    path.Pop();
                    break;
                case "." when isIn && !tokens[i].Quoted && i + 2 < tokens.Count && tokens[i + 1].Is(".") && tokens[i + 2].Is(".") && (tokens[i - 1].Is("{") || tokens[i - 1].Is(",")):
                    TakeOver(values, Name(Spread));
                    break;
                // The name of the property is computed.
                case ":" when isIn && !tokens[i].Quoted && IsComputedName(tokens, i):
                    TakeOver(values, Name(Spread));
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
                        && (((tokens[i - 1].Is("{") || tokens[i - 1].Is(",")) && (tokens[i + 1].Is(",") || tokens[i + 1].Is("}") || tokens[i + 1].Is("("))) || (tokens[i - 1].Is("get") && tokens[i + 1].Is("("))))
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

    /// <summary>What a configuration exports is an object that is written there, by itself or in <c>defineConfig(…)</c>; only JSON exports nothing.</summary>
    public static bool ExportsLiteral(string text)
    {
        var tokens = Tokens(text);
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("export") && (tokens[i + 1].Is("default") || tokens[i + 1].Is("=")))
                return IsLiteral(tokens, i + 2, 0);
            if (tokens[i].Is("exports") && tokens[i + 1].Is("="))
                return IsLiteral(tokens, i + 2, 0);
            if (tokens[i].Is("exports") && i + 3 < tokens.Count && tokens[i + 1].Is(".") && tokens[i + 2].Is("default") && tokens[i + 3].Is("="))
                return IsLiteral(tokens, i + 4, 0);
            if (tokens[i].Is("default") && i > 0 && (tokens[i - 1].Is("{") || tokens[i - 1].Is(",")) && IsReExport(tokens, i))
                return false;
            if (tokens[i].Is("as") && tokens[i + 1].Is("default"))
                return IsLiteral(tokens, i - 1, 0);
        }

        return tokens.Count > 0 && tokens[0].Is("{");
    }

    /// <summary>In a list after <c>export</c>, not in a list after <c>import</c>.</summary>
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
            return IsWhole(tokens, at);
        if (tokens[at].Is("defineConfig") && at + 2 < tokens.Count && tokens[at + 1].Is("(") && tokens[at + 2].Is("{"))
            return !IsOfProject(tokens, "defineConfig") && IsWhole(tokens, at + 1) && After(tokens, at + 2) is var end && (tokens[end].Is(")") || (tokens[end].Is(",") && tokens[end + 1].Is(")")));
        if (!tokens[at].IsWord || !EndsAt(tokens, at + 1) || IsChanged(tokens, tokens[at].Text))
            return false;
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (tokens[i].Text is not ("const" or "let" or "var") || !tokens[i + 1].Is(tokens[at].Text))
                continue;
            var value = i + 2;
            // After its type.
            while (value < tokens.Count && !tokens[value].Is("=") && !tokens[value].Is(";") && value < i + 12)
                value++;
            return value < tokens.Count && tokens[value].Is("=") && IsLiteral(tokens, value + 1, depth + 1);
        }

        return false;
    }

    /// <summary>Nothing is taken out of what the bracket holds, nor done with it.</summary>
    private static bool IsWhole(List<Token> tokens, int open) => After(tokens, open) is var end && end <= tokens.Count && EndsAt(tokens, end);

    /// <summary>The expression ends: it is not followed by an operator or a member access.</summary>
    private static bool EndsAt(List<Token> tokens, int at) => at >= tokens.Count || (!tokens[at].Quoted && (tokens[at].IsWord || tokens[at].Text is ";" or "}" or ","));

    /// <summary>The position after the closing bracket; the end, if there is none.</summary>
    private static int After(List<Token> tokens, int open)
    {
        var depth = 0;
        for (var i = open; i < tokens.Count; i++)
        {
            if (tokens[i].Quoted)
                continue;
            if (tokens[i].Text is "{" or "[" or "(")
                depth++;
            else if (tokens[i].Text is "}" or "]" or ")" && --depth == 0)
                return i + 1;
        }

        return tokens.Count + 1;
    }

    /// <summary>A variable is given to a function, or itself or an element of it is assigned; properties that are assigned by name are values of their own.</summary>
    private static bool IsChanged(List<Token> tokens, string name)
    {
        for (var i = 1; i < tokens.Count; i++)
        {
            if (!tokens[i].Is(name) || tokens[i - 1].Is("."))
                continue;
            var end = i + 1;
            while (end + 1 < tokens.Count && tokens[end].Is(".") && tokens[end + 1].Is("migrations"))
                end += 2;
            if (end < tokens.Count && (tokens[end].Is("[") || (tokens[end].Is("=") && end == i + 1 && tokens[i - 1].Text is not ("const" or "let" or "var"))
                || ((tokens[i - 1].Is("(") || tokens[i - 1].Is(",")) && (tokens[end].Is(",") || tokens[end].Is(")")))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name is imported from anything but the tool, or defined in this file.</summary>
    private static bool IsOfProject(List<Token> tokens, string name)
    {
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Text is "function" or "const" or "let" or "var" && tokens[i + 1].Is(name))
                return true;
            if (!tokens[i].Is("import") && !tokens[i].Is("const"))
                continue;
            var from = tokens.FindIndex(i, t => t.Quoted || t.Is(";"));
            var names = from < 0 ? -1 : tokens.FindIndex(i, from - i, t => t.Is(name));
            // What follows = is a value, and no name that is taken from a module.
            if (names >= 0 && tokens[from].Quoted && !Makers.Contains(tokens[from].Text) && tokens.FindIndex(i, names - i, t => t.Is("=")) < 0)
                return true;
        }

        return false;
    }

    /// <summary>An object spreads unknown properties, which can override its previous properties.</summary>
    private static void TakeOver(Dictionary<string, string?> values, string name)
    {
        var prefix = name[..^Spread.Length];
        foreach (var known in values.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToList())
            values[known] = null;
        Set(values, name, null);
    }

    /// <summary>A value that two objects specify differently is known only at run time.</summary>
    private static void Set(Dictionary<string, string?> values, string name, string? value) =>
        values[name] = values.TryGetValue(name, out var known) && known != value ? null : value;

    /// <summary>The names after <c>import</c>, and names of destructuring.</summary>
    private static bool IsList(List<Token> tokens, int at) => at > 0 && (tokens[at - 1].Text is "import" or "export" or "type" or "const" or "let" or "var" || (tokens[at - 1].Is(",") && at > 2 && tokens[at - 3].Is("import")));

    /// <summary><c>[name]: …</c>, where no text is in the brackets.</summary>
    private static bool IsComputedName(List<Token> tokens, int colon)
    {
        if (colon < 2 || !tokens[colon - 1].Is("]") || Before(tokens, colon) != "]")
            return false;
        var (at, depth) = (colon - 1, 0);
        for (; at > 0; at--)
        {
            depth += tokens[at].Is("]") ? 1 : tokens[at].Is("[") ? -1 : 0;
            if (depth == 0)
                break;
        }

        return at > 0 && (tokens[at - 1].Is("{") || tokens[at - 1].Is(","));
    }

    private static string Before(List<Token> tokens, int colon) => colon >= 3 && tokens[colon - 1].Is("]") && tokens[colon - 2].Quoted && tokens[colon - 3].Is("[") ? tokens[colon - 2].Text : tokens[colon - 1].Text;

    private static string Assigned(List<Token> tokens, int at)
    {
        var names = new List<string>();
        for (var i = at - 1; i >= 1 && tokens[i - 1].Is("."); i -= 2)
            names.Insert(0, tokens[i].Text);
        // What is exported is the object without a name.
        return string.Join('.', names.SkipWhile((n, i) => (i == 0 && n == "exports") || (i == 1 && n == "default" && names[0] == "exports")));
    }

    /// <summary><c>path.join('a', 'b')</c> or <c>path.resolve('a', 'b')</c>, with <c>__dirname</c> or <c>import.meta.dirname</c> before that or not; null: it is something else.</summary>
    private static string? Joined(List<Token> tokens, int at)
    {
        var isOfPath = tokens[at].Is("path") && at + 2 < tokens.Count && tokens[at + 1].Is(".");
        if (isOfPath)
            at += 2;
        if (!(tokens[at].Is("join") || (isOfPath && tokens[at].Is("resolve") && !tokens.Skip(at + 3).TakeWhile(t => !t.Is(")")).Any(t => t.Quoted && t.Text.StartsWith('/')))) || at + 1 >= tokens.Count || !tokens[at + 1].Is("("))
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
            else if (c == '/' && (tokens.Count == 0 || tokens[^1].Is("return") || (!tokens[^1].Quoted && !tokens[^1].IsWord && !char.IsDigit(tokens[^1].Text[0]) && tokens[^1].Text is not (")" or "]" or "}"))))
            {
                tokens.Add(new Token("/", false));
                i = AfterRegex(text, i);
            }
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

    /// <summary>The position after the regular expression that begins here, whose quotes and brackets are none of JavaScript.</summary>
    internal static int AfterRegex(string text, int start)
    {
        var inClass = false;
        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] is '[' or ']')
                inClass = text[i] == '[';
            else if (text[i] == '/' && !inClass)
                return i + 1;
        }

        return start + 1;
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
