using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// Splits a script into statements where PostgreSQL's parser does: at semicolons outside CREATE RULE's parentheses and of
/// SQL-standard function bodies (BEGIN ATOMIC … END). psql's own lines are statements of their own.
/// </summary>
internal sealed class SqlSplitter
{
    /// <summary>Beyond that many tokens an INSERT's rows are not kept: they can be as long as the file.</summary>
    private const int KeptOfRows = 20_000;

    /// <summary>A comment further to the right is not looked at as the first of its line.</summary>
    private const int LongestIndentation = 4096;

    /// <summary>Commands of psql that send what stands before them; all others leave it in the buffer.</summary>
    private static readonly string[] Senders = ["crosstabview", "g", "gdesc", "gexec", "gset", "gx", "parse", "watch", "bind_named", "sendpipeline"];

    private readonly ScriptWindow window;
    private readonly SqlLexer lexer;
    private readonly long lastRowsEnd;
    private readonly List<SqlToken> tokens = [];
    private readonly ScriptSettings settings = new();
    private readonly StringReading first;
    private SqlToken last;
    private int ordinal;
    private int parentheses;
    private int bodies;
    private bool makesRule;
    private bool inRows;
    private bool leavesOut;
    private int countedTo;
    private int line = 1;
    private int startLine;
    private int rowsToCome;
    private bool hasNoRowsToCome;
    private bool isAbridged;

    private SqlSplitter(ScriptWindow window, SqlLexer lexer, long lastRowsEnd = -1) => (this.window, this.lexer, this.lastRowsEnd, first) = (window, lexer, lastRowsEnd, lexer.Strings);

    public static IReadOnlyList<SqlStatement> Split(string text, StringReading strings = default) => [.. Read(new ScriptWindow(text), strings: strings)];

    /// <summary>A part of a script, such as a routine's body. Lines are counted from the part's first, ordinals within it.</summary>
    /// <param name="strings">By which rules it begins.</param>
    public static IEnumerable<SqlStatement> Read(string text, int start, int end, StringReading strings = default) =>
        new SqlSplitter(new ScriptWindow(text), new SqlLexer(text, start, end) { Strings = strings }) { countedTo = start }.Run();

    /// <summary>One after the other, so that a long script is never in memory as a whole, be it as text or as tokens.</summary>
    /// <param name="lastRowsEnd">Where the last line <c>\.</c> of the script begins, in UTF-16 units: see <see cref="ScriptSurvey"/>. Only where the script is not in memory.</param>
    /// <param name="comment">Told of every comment.</param>
    /// <param name="strings">By which rules it begins.</param>
    public static IEnumerable<SqlStatement> Read(ScriptWindow window, long lastRowsEnd = -1, Action<SqlComment>? comment = null, StringReading strings = default)
    {
        var splitter = new SqlSplitter(window, new SqlLexer(window.Text, 0, window.Text.Length, window.IsLast) { Strings = strings }, lastRowsEnd);
        if (comment is not null)
            splitter.lexer.Comment = (start, end) => comment(new SqlComment(window.Text, start, end - start, splitter.LineAt(start), window.Position(start)));
        return splitter.Run();
    }

    private IEnumerable<SqlStatement> Run()
    {
        while (Next() is { } token)
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

    private SqlToken? Next()
    {
        var token = lexer.Next();
        while (lexer.WantsMore)
        {
            Slide();
            token = lexer.Next();
        }

        return token;
    }

    /// <summary>Reads on, and keeps what the statement at hand is made of.</summary>
    private void Slide()
    {
        LineAt(lexer.Position);
        var text = window.Text;
        // The start of the line shows whether a comment has its own line.
        var margin = text.LastIndexOf('\n', Math.Max(0, lexer.Position - 1)) + 1;
        var here = lexer.Position - margin < LongestIndentation ? margin : lexer.Position;
        var from = tokens.Count > 0 ? tokens[0].Start : here;
        var (cutFrom, cutTo) = Dispensable(here);
        if (cutTo > cutFrom)
        {
            isAbridged = true;
            lexer.HasUncertainEnd |= lexer.OpenText is not null && lexer.Strings.IsUncertain && text.AsSpan(cutFrom, cutTo - cutFrom).Contains('\\');
        }

        if (cutFrom >= lexer.Position)
            line += text.AsSpan(cutFrom, cutTo - cutFrom).Count('\n');
        window.Slide(from, cutFrom, cutTo);
        for (var i = 0; i < tokens.Count; i++)
            tokens[i] = Here(tokens[i]);
        last = Here(last);
        countedTo = Moved(countedTo);
        lexer.GoOn(window.Text, Moved(lexer.Position), window.IsLast);

        int Moved(int offset) => offset - from - (offset >= cutTo ? cutTo - cutFrom : 0);
        SqlToken Here(SqlToken token) => token with { Source = window.Text, Start = Moved(token.Start) };
    }

    /// <summary>Text in memory that is not needed any more: rows whose tokens were not kept, and the inside a very long literal.</summary>
    private (int From, int To) Dispensable(int here)
    {
        if (leavesOut && here > tokens[^1].End)
            return (tokens[^1].End, here);
        var isBody = tokens.Count > 0 && (tokens[0].Is("do") || tokens[0].Is("create"));
        return lexer.OpenText is { } open ? LongLiteral.Inside(window.Text, open.Start, open.Quote, isBody) : (window.Text.Length, window.Text.Length);
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
        // Before the statement is complete: rows of a COPY may follow it.
        var command = new SqlStatement(window.Text, LineAt(token.Start), 0, [token]) { End = token.End, Position = window.Position(token.Start) };
        var sent = Senders.Contains(word, StringComparer.Ordinal) ? Finish() : null;
        if (word is "copy" && token.Written.Contains(" from ", StringComparison.OrdinalIgnoreCase) && token.Written.Contains("stdin", StringComparison.OrdinalIgnoreCase))
            command = command with { CopyData = TakeCopyData() };
        command = command with { Ordinal = ++ordinal };
        return sent is null ? [command] : [sent, command];
    }

    private int LineAt(int offset)
    {
        line += window.Text.AsSpan(countedTo, offset - countedTo).Count('\n');
        countedTo = offset;
        return line;
    }

    private void Add(SqlToken token)
    {
        if (tokens.Count == 0)
            startLine = LineAt(token.Start);
        last = token;
        // Behind the rows stand words again, such as ON CONFLICT.
        inRows &= parentheses > 0 || token.Kind != SqlTokenKind.Word;
        leavesOut = inRows && (leavesOut || (parentheses == 0 && tokens.Count >= KeptOfRows));
        if (!leavesOut)
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

    /// <param name="isJoined">By psql's <c>\;</c>: rows of a COPY follow the statement that is sent with it.</param>
    private SqlStatement? Finish(bool isJoined = false)
    {
        (parentheses, bodies, makesRule, inRows, leavesOut) = (0, 0, false, false, false);
        if (tokens.Count == 0)
            return null;
        var statement = new SqlStatement(window.Text, startLine, ++ordinal, tokens.ToArray())
        {
            End = last.End,
            Position = window.Position(tokens[0].Start),
            IsAbridged = isAbridged,
            IsUnclosed = lexer.IsUnclosed,
            Strings = lexer.Strings,
            HasUncertainStrings = lexer.HasUncertainEnd || (lexer.Strings.IsUncertain && HasBackslashInCode()),
        };
        (isAbridged, lexer.HasUncertainEnd) = (false, false);
        tokens.Clear();
        settings.Apply(statement);
        lexer.Strings = lexer.Strings.After(statement, first, settings);
        statement = statement with { StringsAfter = lexer.Strings };
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

    /// <summary>Everything from the next line to the line <c>\.</c> is data; null if there is no such line.</summary>
    private string? TakeCopyData()
    {
        if (hasNoRowsToCome || !FindNextLine(out var start))
            return null;
        // Without its end it is not known where SQL begins again: what follows is read as statements, so that none is passed over.
        hasNoRowsToCome = window.IsLast ? RowsEnd(start) < 0 : window.Position(start) > lastRowsEnd;
        if (hasNoRowsToCome)
            return null;
        lexer.SkipTo(start);
        int end;
        while ((end = RowsEnd(lexer.Position)) < 0)
        {
            lexer.SkipTo(lexer.End);
            if (window.IsLast)
                return "";
            Slide();
        }

        var rows = window.IsWhole ? window.Text[start..end] : "";
        lexer.SkipTo(Math.Min(lexer.EndOfLine(end) + 1, lexer.End));
        return rows;
    }

    private bool FindNextLine(out int start)
    {
        while (true)
        {
            var at = lexer.Position;
            start = at > 0 && window.Text[at - 1] == '\n' ? at : window.Text.IndexOf('\n', at) + 1;
            if (start > 0 || window.IsLast)
                return start > 0;
            Slide();
        }
    }

    /// <summary>Where the next line <c>\.</c> of what is in memory begins, at a line's beginning or behind it; negative where there is none.</summary>
    private int RowsEnd(int from) => ScriptSurvey.RowsEnd(window, from, lexer.End);

    /// <summary>A routine's body in a plain string is other code where backslashes escape in it.</summary>
    private bool HasBackslashInCode() =>
        (tokens[0].Is("do") || tokens[0].Is("create")) && tokens.Exists(t => t.Kind == SqlTokenKind.Text && t.Written[0] is '\'' or 'n' or 'N' && t.Written.Contains('\\'));
}
