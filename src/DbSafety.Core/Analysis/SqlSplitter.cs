namespace DbSafety.Analysis;

/// <summary>
/// Splits a script into statements where PostgreSQL's parser does: at semicolons outside of CREATE RULE's parentheses and of
/// SQL-standard function bodies (BEGIN ATOMIC … END). psql's own lines are statements of their own.
/// </summary>
internal sealed class SqlSplitter
{
    /// <summary>Beyond that many tokens the inside of an INSERT's rows is not kept: they can be as long as the file.</summary>
    private const int KeptOfRows = 20_000;

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
            if (token.Kind == SqlTokenKind.PsqlCommand && token.Length == 2 && token.Written[1] is '\\' or ';')
            {
                // \\ ends a command of psql's, \; one statement of several that psql sends at once.
                if (token.Written[1] == ';' && Finish() is { } joined)
                    yield return joined;
            }
            else if (token.Kind == SqlTokenKind.PsqlCommand)
            {
                // \g and its like send what stands before them; so does the end of this line for us.
                if (Finish() is { } sent)
                    yield return sent;
                Add(token);
                yield return Finish()!;
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

    private void Add(SqlToken token)
    {
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

    private SqlStatement? Finish()
    {
        (parentheses, bodies, makesRule, inRows) = (0, 0, false, false);
        if (tokens.Count == 0)
            return null;
        var start = tokens[0].Start;
        line += text.AsSpan(countedTo, start - countedTo).Count('\n');
        countedTo = start;
        var statement = new SqlStatement(text, line, ++ordinal, tokens.ToArray()) { End = last.End };
        tokens.Clear();
        FollowSettings(statement);
        return IsCopyFromStdin(statement) ? statement with { CopyData = TakeCopyData() } : statement;
    }

    private static bool IsCopyFromStdin(SqlStatement statement)
    {
        if (!statement.StartsWith("copy"))
            return false;
        for (var i = 1; i + 1 < statement.Tokens.Count; i++)
        {
            if (statement.Tokens[i].Is("from") && statement.Tokens[i + 1].Is("stdin"))
                return true;
        }

        return false;
    }

    /// <summary>Everything from the next line to the line <c>\.</c> is data.</summary>
    private string? TakeCopyData()
    {
        var start = text.IndexOf('\n', lexer.Position);
        if (start < 0)
            return null;
        start++;
        for (var at = start; at < text.Length;)
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

        lexer.SkipTo(text.Length);
        return text[start..];
    }

    private void FollowSettings(SqlStatement statement)
    {
        if (!statement.StartsWith("set") || !statement.Contains("standard_conforming_strings"))
            return;
        var value = statement.Tokens[^1].Value;
        lexer.StandardConformingStrings = value is not ("off" or "false" or "0" or "no");
    }
}
