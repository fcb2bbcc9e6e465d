using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>
/// The branches of a trigger function in PL/pgSQL that a kind of change reaches (https://www.postgresql.org/docs/current/plpgsql-trigger.html): IF conditions on TG_OP decide; all others are not
/// decided. What is left out is replaced by spaces, so that everything else stays in its place.
/// </summary>
internal static class TriggerBranches
{
    /// <summary>One IF; null on the stack is a CASE.</summary>
    private sealed class Branching
    {
        /// <summary>Whether the next branch is tried.</summary>
        private bool? isTried = true;

        public bool? IsReached { get; private set; }

        public int From { get; private set; }

        public void Begin(bool? condition, int from)
        {
            (IsReached, From) = (And(isTried, condition), from);
            isTried = And(isTried, !condition);
        }
    }

    /// <summary>Without the branches for other kinds of change.</summary>
    /// <param name="definition">CREATE FUNCTION, as pg_get_functiondef prints it.</param>
    /// <param name="kind">insert, update, delete or truncate.</param>
    public static string Reached(string definition, string kind) => Keep(definition, kind, keepsUndecided: true);

    /// <summary>Only what runs each time.</summary>
    public static string Certain(string definition, string kind) => Keep(definition, kind, keepsUndecided: false);

    private static string Keep(string definition, string kind, bool keepsUndecided)
    {
        var (tokens, text, open) = (Body(definition), definition.ToCharArray(), new Stack<Branching?>());
        var operations = Operations(tokens);
        for (var i = 0; i < tokens.Count; i++)
        {
            var inside = open.TryPeek(out var top) ? top : null;
            if (tokens[i].Is("case"))
                open.Push(null);
            else if (tokens[i].Is("end") && i + 1 < tokens.Count && tokens[i + 1].Is("if"))
            {
                if (inside is null)
                    return definition;
                Close(inside, tokens[i++].Start);
                open.Pop();
            }
            else if (tokens[i].Is("end") && open.Count > 0 && inside is null)
            {
                open.Pop();
                i += i + 1 < tokens.Count && tokens[i + 1].Is("case") ? 1 : 0;
            }
            else if ((tokens[i].Is("if") && IsStart(tokens, i)) || ((tokens[i].Is("elsif") || tokens[i].Is("elseif")) && inside is not null))
            {
                if (Then(tokens, i + 1) is not (> 0 and var then))
                    return definition;
                if (tokens[i].Is("if"))
                    open.Push(inside = new Branching());
                else
                    Close(inside!, tokens[i].Start);
                inside!.Begin(Value(tokens, i + 1, then, kind, operations), tokens[then].End);
                i = then;
            }
            else if (tokens[i].Is("else") && inside is not null)
            {
                Close(inside, tokens[i].Start);
                inside.Begin(true, tokens[i].End);
            }
        }

        return open.Count == 0 ? new string(text) : definition;

        void Close(Branching branch, int end)
        {
            for (var at = branch.From; at < end && branch.IsReached != true && !(branch.IsReached is null && keepsUndecided); at++)
                text[at] = char.IsWhiteSpace(text[at]) ? text[at] : ' ';
        }
    }

    /// <summary>The tokens of the body, a dollar-quoted literal at the end.</summary>
    private static List<SqlToken> Body(string definition)
    {
        var body = Tokens(definition, 0, definition.Length).FindLast(t => t.Kind == SqlTokenKind.Text && t.Written[0] == '$');
        if (body.Length == 0)
            return [];
        var tag = body.Written[1..].IndexOf('$') + 2;
        return Tokens(definition, body.Start + tag, body.End - tag);
    }

    private static List<SqlToken> Tokens(string text, int from, int to)
    {
        var (tokens, lexer) = (new List<SqlToken>(), new SqlLexer(text, from, to));
        while (lexer.Next() is { } token)
            tokens.Add(token);
        return tokens;
    }

    /// <summary>A statement begins there: not END IF, nor IF EXISTS.</summary>
    private static bool IsStart(List<SqlToken> tokens, int at) =>
        at == 0 || tokens[at - 1].IsMark(';') || tokens[at - 1].IsOperator(">>") || tokens[at - 1].Is("begin") || tokens[at - 1].Is("then") || tokens[at - 1].Is("else") || tokens[at - 1].Is("loop");

    private static int Then(List<SqlToken> tokens, int from)
    {
        var cases = 0;
        for (var i = from; i < tokens.Count && !tokens[i].IsMark(';'); i++)
        {
            cases += tokens[i].Is("case") ? 1 : tokens[i].Is("end") ? -1 : 0;
            if (cases == 0 && tokens[i].Is("then"))
                return i;
        }

        return -1;
    }

    /// <summary>Null: not decided by the kind of change.</summary>
    private static bool? Value(List<SqlToken> tokens, int from, int to, string kind, HashSet<string> operations)
    {
        if (from >= to || tokens.Skip(from).Take(to - from).Any(t => t.Is("case")))
            return null;
        if (Parts(tokens, from, to, "or") is { Count: > 1 } any)
            return !any.Select(p => !Value(tokens, p.From, p.To, kind, operations)).Aggregate((bool?)true, And);
        if (Parts(tokens, from, to, "and") is { Count: > 1 } all)
            return all.Select(p => Value(tokens, p.From, p.To, kind, operations)).Aggregate((bool?)true, And);
        if (tokens[from].Is("not"))
            return !Value(tokens, from + 1, to, kind, operations);
        if (tokens[from].IsMark('(') && tokens[to - 1].IsMark(')') && Closing(tokens, from) == to - 1)
            return Value(tokens, from + 1, to - 1, kind, operations);
        return OfOperation(tokens, from, to, kind, operations);
    }

    /// <summary>A comparison of TG_OP, or lower(TG_OP), with literals.</summary>
    private static bool? OfOperation(List<SqlToken> tokens, int from, int to, string kind, HashSet<string> operations)
    {
        var isLower = to - from > 5 && tokens[from].Is("lower") && tokens[from + 1].IsMark('(') && IsOperation(from + 2) && tokens[from + 3].IsMark(')');
        var at = isLower ? from + 4 : from + 1;
        // TG_OP is in upper case, and no other literal equals it.
        var operation = isLower ? kind : kind.ToUpperInvariant();
        if (to - from == 3 && tokens[from].Kind == SqlTokenKind.Text && IsOperation(to - 1))
            return Compared(from + 1, from);
        if (to - at < 2 || !(isLower || IsOperation(from)))
            return null;
        if (to - at == 2 && tokens[at + 1].Kind == SqlTokenKind.Text)
            return Compared(at, at + 1);
        if (tokens[at].Is("not") && tokens[at + 1].Is("in"))
            return !Listed(at + 2, to, '(');
        if (tokens[at].Is("in"))
            return Listed(at + 1, to, '(');
        var isAny = to - at > 6 && tokens[at].IsOperator("=") && tokens[at + 1].Is("any") && tokens[at + 2].IsMark('(') && tokens[at + 3].Is("array") && tokens[to - 1].IsMark(')');
        return isAny ? Listed(at + 4, to - 1, '[') : null;

        bool IsOperation(int i) => tokens[i].IsName && operations.Contains(tokens[i].Value);

        bool? Compared(int sign, int literal) => tokens[sign].IsOperator("=") ? IsKind(literal) : tokens[sign].IsOperator("<>") || tokens[sign].IsOperator("!=") ? !IsKind(literal) : null;

        bool? Listed(int open, int end, char mark) =>
            end - open > 2 && tokens[open].IsMark(mark) && Enumerable.Range(open + 1, end - open - 2).All(i => i % 2 == (open + 1) % 2 ? tokens[i].Kind == SqlTokenKind.Text : tokens[i].IsMark(','))
                ? Enumerable.Range(open + 1, end - open - 2).Any(IsKind) : null;

        bool IsKind(int i) => tokens[i].Kind == SqlTokenKind.Text && tokens[i].Value == operation;
    }

    /// <summary>TG_OP, and the variables that are declared with it as their value and only compared from there on.</summary>
    private static HashSet<string> Operations(List<SqlToken> tokens)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "tg_op" };
        for (var i = 0; i + 4 < tokens.Count; i++)
        {
            var type = tokens[i + 1].Is("constant") ? i + 2 : i + 1;
            if (!tokens[i].IsName || i == 0 || !(tokens[i - 1].Is("declare") || tokens[i - 1].IsMark(';')) || !tokens[type].Is("text"))
                continue;
            // := are two tokens.
            var equals = tokens[type + 1].IsMark(':') ? type + 2 : type + 1;
            if (equals + 2 < tokens.Count && (tokens[equals].IsOperator("=") || tokens[equals].Is("default")) && tokens[equals + 1].Is("tg_op") && tokens[equals + 2].IsMark(';')
                && IsOnlyCompared(tokens, tokens[i].Value, i))
                names.Add(tokens[i].Value);
        }

        return names;
    }

    private static bool IsOnlyCompared(List<SqlToken> tokens, string name, int declared) => !tokens.Exists(t => t.Is("call")) && Enumerable.Range(1, tokens.Count - 1).All(i =>
        i == declared || !tokens[i].IsName || tokens[i].Value != name || tokens[i - 1].IsMark('.') || tokens[i - 1].IsMark('(')
        || Array.Exists(["if", "elsif", "elseif", "and", "or", "not"], tokens[i - 1].Is));

    /// <summary>What stands between these words, outside parentheses.</summary>
    private static List<(int From, int To)> Parts(List<SqlToken> tokens, int from, int to, string word)
    {
        var (parts, depth, begin) = (new List<(int From, int To)>(), 0, from);
        for (var i = from; i < to; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth != 0 || !tokens[i].Is(word))
                continue;
            parts.Add((begin, i));
            begin = i + 1;
        }

        parts.Add((begin, to));
        return parts;
    }

    private static int Closing(List<SqlToken> tokens, int open)
    {
        var depth = 0;
        for (var i = open; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0)
                return i;
        }

        return -1;
    }

    private static bool? And(bool? one, bool? other) => one == false || other == false ? false : one == true && other == true ? true : null;
}
