namespace DbSafety.Analysis;

/// <summary>
/// Splits a script into statements where PostgreSQL's parser does: at semicolons outside of parentheses (CREATE RULE has
/// some inside) and outside of SQL-standard function bodies (BEGIN ATOMIC … END). psql's own lines are statements of their own.
/// </summary>
internal sealed class SqlSplitter
{
    private readonly string text;
    private readonly SqlLexer lexer;
    private readonly List<SqlStatement> statements = [];
    private List<SqlToken> tokens = [];
    private int parentheses;
    private int bodies;
    private int countedTo;
    private int line = 1;

    private SqlSplitter(string text)
    {
        this.text = text;
        lexer = new SqlLexer(text);
    }

    public static IReadOnlyList<SqlStatement> Split(string text) => new SqlSplitter(text).Run();

    private List<SqlStatement> Run()
    {
        while (lexer.Next() is { } token)
        {
            if (token.Kind == SqlTokenKind.PsqlCommand)
            {
                // \g and its like send what stands before them; so does the end of this line for us.
                Finish();
                tokens.Add(token);
                Finish();
            }
            else if (token.IsMark(';') && parentheses == 0 && bodies == 0)
            {
                Finish();
            }
            else
            {
                Add(token);
            }
        }

        Finish();
        return statements;
    }

    private void Add(SqlToken token)
    {
        tokens.Add(token);
        if (token.IsMark('('))
            parentheses++;
        else if (token.IsMark(')') && parentheses > 0)
            parentheses--;
        else if (token.Kind == SqlTokenKind.Word && parentheses == 0)
            FollowBody(token.Value);
    }

    private void FollowBody(string word)
    {
        if (bodies == 0 && word == "atomic" && tokens.Count > 1 && tokens[^2].Is("begin") && MakesRoutine())
            bodies = 1;
        else if (bodies > 0 && word == "case")
            bodies++;
        else if (bodies > 0 && word == "end")
            bodies--;
    }

    private bool MakesRoutine()
    {
        var second = tokens.Count > 3 && tokens[1].Is("or") && tokens[2].Is("replace") ? 3 : 1;
        return tokens[0].Is("create") && (tokens[second].Is("function") || tokens[second].Is("procedure"));
    }

    private void Finish()
    {
        (parentheses, bodies) = (0, 0);
        if (tokens.Count == 0)
            return;
        var start = tokens[0].Start;
        for (; countedTo < start; countedTo++)
            line += text[countedTo] == '\n' ? 1 : 0;
        var statement = new SqlStatement(text[start..tokens[^1].End], start, line, statements.Count + 1, tokens);
        statements.Add(IsCopyFromStdin(statement) ? statement with { CopyData = TakeCopyData() } : statement);
        FollowSettings(statement);
        tokens = [];
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
