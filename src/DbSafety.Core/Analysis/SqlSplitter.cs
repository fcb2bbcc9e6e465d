namespace DbSafety.Analysis;

/// <summary>
/// Splits a script into statements where PostgreSQL's parser does: at semicolons outside of CREATE RULE's parentheses and of
/// SQL-standard function bodies (BEGIN ATOMIC … END). psql's own lines are statements of their own.
/// </summary>
internal sealed class SqlSplitter
{
    /// <summary>Beyond that many tokens the inside of an INSERT's rows is not kept: they can be as long as the file.</summary>
    private const int KeptOfRows = 20_000;

    /// <summary>Commands of psql that send what stands before them; all others leave it in the buffer.</summary>
    private static readonly string[] Senders = ["crosstabview", "g", "gdesc", "gexec", "gset", "gx", "parse", "watch", "bind_named", "sendpipeline"];

    private readonly string text;
    private readonly SqlLexer lexer;
    private readonly List<SqlToken> tokens = [];
    private SqlToken last;
    private int ordinal;
    private int parentheses;
    private int bodies;
    private bool makesRule;
    private bool inRows;
    private int countedTo;
    private int line = 1;
    private int startLine;
    private int rowsToCome;
    private bool hasNoRowsToCome;

    private SqlSplitter(string text, SqlLexer lexer) => (this.text, this.lexer) = (text, lexer);

    public static IReadOnlyList<SqlStatement> Split(string text) => [.. Read(text)];

    /// <summary>One after the other, so that a long script is never in memory as tokens as a whole.</summary>
    /// <param name="comment">Told of every comment: its first character and the one behind its last.</param>
    public static IEnumerable<SqlStatement> Read(string text, Action<int, int>? comment = null) =>
        new SqlSplitter(text, new SqlLexer(text) { Comment = comment }).Run();

    /// <summary>A part of a script, such as a routine's body. Lines are counted from the part's first, ordinals within it.</summary>
    public static IEnumerable<SqlStatement> Read(string text, int start, int end) =>
        new SqlSplitter(text, new SqlLexer(text, start, end)) { countedTo = start }.Run();

    private IEnumerable<SqlStatement> Run()
    {
        while (lexer.Next() is { } token)
        {
            if (token.Kind == SqlTokenKind.PsqlCommand)
            {
                foreach (var statement in PsqlCommand(token))
                    yield return statement;
            }
            else if (token.IsMark(';') && bodies == 0 && (parentheses == 0 || !makesRule))
            {
                if (Finish() is { } statement)
                    yield return statement;
            }
            else
            {
                Add(token);
            }
        }

        if (Finish() is { } rest)
            yield return rest;
    }

    private IEnumerable<SqlStatement> PsqlCommand(SqlToken token)
    {
        var name = token.Written[1..];
        if (name is ";")
            return Finish(isJoined: true) is { } joined ? [joined] : [];
        if (name is "\\" or ":")
            return [];
        var word = name.IndexOfAny(' ', '\t', '(') is var space and >= 0 ? name[..space].ToString() : name.ToString();
        if (word is "r" or "reset")
            tokens.Clear();
        var sent = Senders.Contains(word, StringComparer.Ordinal) ? Finish() : null;
        var command = new SqlStatement(text, LineAt(token.Start), ++ordinal, [token]) { End = token.End };
        if (word is "copy" && token.Written.Contains(" from ", StringComparison.OrdinalIgnoreCase) && token.Written.Contains("stdin", StringComparison.OrdinalIgnoreCase))
            command = command with { CopyData = TakeCopyData() };
        return sent is null ? [command] : [sent, command with { Ordinal = ordinal }];
    }

    private int LineAt(int offset)
    {
        line += text.AsSpan(countedTo, offset - countedTo).Count('\n');
        countedTo = offset;
        return line;
    }

    private void Add(SqlToken token)
    {
        if (tokens.Count == 0)
            startLine = LineAt(token.Start);
        last = token;
        if (parentheses == 0 || !inRows || tokens.Count < KeptOfRows)
            tokens.Add(token);
        if (token.Kind == SqlTokenKind.Punctuation)
        {
            if (token.IsMark('('))
                parentheses++;
            else if (token.IsMark(')') && parentheses > 0)
                parentheses--;
        }
        else if (token.Kind == SqlTokenKind.Word && parentheses == 0)
        {
            FollowWord(token);
        }
    }

    private void FollowWord(SqlToken word)
    {
        if (bodies == 0 && word.Is("atomic") && tokens.Count > 1 && tokens[^2].Is("begin") && Makes("function", "procedure"))
            bodies = 1;
        else if (bodies > 0 && word.Is("case"))
            bodies++;
        else if (bodies > 0 && word.Is("end"))
            bodies--;
        else if (word.Is("rule") && tokens.Count is 2 or 4)
            makesRule = Makes("rule", "rule");
        else if (word.Is("values"))
            inRows = tokens[0].Is("insert");
    }

    private bool Makes(string kind, string other)
    {
        var second = tokens.Count > 3 && tokens[1].Is("or") && tokens[2].Is("replace") ? 3 : 1;
        return tokens[0].Is("create") && (tokens[second].Is(kind) || tokens[second].Is(other));
    }

    /// <param name="isJoined">By psql's <c>\;</c>: rows of a COPY stand behind the statement that is sent with it.</param>
    private SqlStatement? Finish(bool isJoined = false)
    {
        (parentheses, bodies, makesRule, inRows) = (0, 0, false, false);
        if (tokens.Count == 0)
            return null;
        var statement = new SqlStatement(text, startLine, ++ordinal, tokens.ToArray()) { End = last.End, IsUnclosed = lexer.IsUnclosed };
        tokens.Clear();
        FollowSettings(statement);
        if (IsCopyFromStdin(statement))
            rowsToCome++;
        if (isJoined)
            return statement;
        string? rows = null;
        for (; rowsToCome > 0; rowsToCome--)
            rows = TakeCopyData();
        return rows is null ? statement : statement with { CopyData = rows };
    }

    private static bool IsCopyFromStdin(SqlStatement statement)
    {
        if (!statement.StartsWith("copy"))
            return false;
        for (var i = 1; i + 1 < statement.Tokens.Count; i++)
        {
            // To PostgreSQL's grammar STDIN and STDOUT are the same.
            if (statement.Tokens[i].Is("from") && (statement.Tokens[i + 1].Is("stdin") || statement.Tokens[i + 1].Is("stdout")))
                return true;
        }

        return false;
    }

    /// <summary>Everything from the next line to the line <c>\.</c> is data; null where there is no such line.</summary>
    private string? TakeCopyData()
    {
        var start = lexer.Position > 0 && lexer.Position <= text.Length && text[lexer.Position - 1] == '\n' ? lexer.Position : text.IndexOf('\n', lexer.Position) + 1;
        if (start <= 0 || hasNoRowsToCome)
            return null;
        for (var at = start; at < lexer.End;)
        {
            var end = lexer.EndOfLine(at);
            var next = text.IndexOf('\n', at) is var newline and >= 0 ? newline + 1 : text.Length;
            if (text.AsSpan(at, end - at) is "\\.")
            {
                lexer.SkipTo(next);
                return text[start..at];
            }

            at = next;
        }

        // Without its end it is not known where SQL begins again: what follows is read as statements, so that none is passed over.
        hasNoRowsToCome = true;
        return null;
    }

    private void FollowSettings(SqlStatement statement)
    {
        if (statement.StartsWith("discard", "all") || (statement.StartsWith("reset") && (statement.Contains("standard_conforming_strings") || statement.Contains("all"))))
            lexer.StandardConformingStrings = true;
        if (!statement.StartsWith("set") || !statement.Contains("standard_conforming_strings"))
            return;
        var value = statement.Tokens[^1].Value;
        lexer.StandardConformingStrings = value is not ("off" or "false" or "0" or "no");
    }
}
