using System.Buffers;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// Cuts SQL text into tokens by the rules of PostgreSQL's own scanner
/// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). It never fails: a literal that is not closed runs to the
/// end of the text, as it would for the server, which then refuses the whole.
/// </summary>
/// <param name="start">Where to begin: a routine's body is read inside its script.</param>
/// <param name="end">Where to end.</param>
/// <param name="isLast">Nothing follows the end. Otherwise a token that reaches the end may be incomplete.</param>
internal sealed class SqlLexer(string text, int start, int end, bool isLast = true)
{
    /// <summary>Of a longer comment the rest is passed over unread.</summary>
    private const int LongestComment = 64 * 1024;

    private static readonly SearchValues<char> NamePart = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$");

    private int position = start < end && text[start] == '\uFEFF' ? start + 1 : start;
    private bool isAtEnd;
    private int openBlocks;
    private bool isInLineComment;

    public int Position => position;

    /// <summary>Where it ends.</summary>
    public int End => end;

    /// <summary>There is no next token in what is there: more has to be read, see <see cref="GoOn"/>.</summary>
    public bool WantsMore { get; private set; }

    /// <summary>The literal that wants more, or its last piece: where its inside begins, and its quote; null if it is something else.</summary>
    public (int Start, char Quote)? OpenText { get; private set; }

    /// <summary>It came to its end inside a literal or a quoted name, which the server refuses.</summary>
    public bool IsUnclosed { get; private set; }

    /// <summary>Whether backslashes escape in plain strings.</summary>
    public StringReading Strings { get; set; }

    /// <summary>A plain string ends elsewhere by the other rules, and it is not certain which ones hold.</summary>
    public bool HasUncertainEnd { get; set; }

    /// <summary>Told of every comment, where one listens: its first character and the one behind its last.</summary>
    public Action<int, int>? Comment { get; set; }

    /// <summary>Goes on behind text that is no SQL, such as the rows of a COPY.</summary>
    public void SkipTo(int offset) => position = offset;

    /// <summary>Goes on in a longer stretch of the script, at the same character.</summary>
    public void GoOn(string longer, int offset, bool nothingFollows) => (text, position, end, isLast) = (longer, offset, longer.Length, nothingFollows);

    public SqlToken? Next()
    {
        (isAtEnd, WantsMore, OpenText) = (false, false, null);
        var wasUncertain = HasUncertainEnd;
        SkipBlanks();
        var from = position;
        SqlToken? token = position < end && (isLast || !isAtEnd) ? TokenHere(from) : null;
        if (isLast || (token is not null && !isAtEnd))
            return token;
        (position, HasUncertainEnd, WantsMore) = (from, wasUncertain, true);
        return null;
    }

    private SqlToken TokenHere(int from)
    {
        var c = text[from];
        if (IsNameStart(c))
            return WordOrPrefixedText(from);
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(At(position + 1))))
            return Token(SqlTokenKind.Number, from, EndOfNumber());
        return c switch
        {
            '\'' => PlainText(from, from, !Strings.HasEscapes, isPlain: true),
            '"' => Token(SqlTokenKind.QuotedName, from, EndOfQuoted(from, '"', backslashesArePlain: true)),
            '$' => DollarText(from),
            '\\' => Token(SqlTokenKind.PsqlCommand, from, EndOfPsqlCommand(from)),
            _ when IsOperatorCharacter(c) => Token(SqlTokenKind.Operator, from, EndOfOperator()),
            _ => Token(SqlTokenKind.Punctuation, from, from + 1),
        };
    }

    /// <summary>The offset of the line break that ends this line, or of the end of the text.</summary>
    public int EndOfLine(int offset)
    {
        var length = text.AsSpan(offset, end - offset).IndexOf('\n');
        return length < 0 ? ReachEnd() : length > 0 && text[offset + length - 1] == '\r' ? offset + length - 1 : offset + length;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\u0080';

    private static bool IsOperatorCharacter(char c) =>
        c is '~' or '!' or '@' or '#' or '^' or '&' or '|' or '`' or '?' or '+' or '-' or '*' or '/' or '%' or '<' or '>' or '=';

    private char At(int offset)
    {
        if (offset < end)
            return text[offset];
        isAtEnd = true;
        return '\0';
    }

    /// <summary>Whoever looks for something and comes to the end says so here.</summary>
    private int ReachEnd()
    {
        isAtEnd = true;
        return end;
    }

    private SqlToken Token(SqlTokenKind kind, int from, int to)
    {
        position = to;
        return new SqlToken(kind, text, from, to - from);
    }

    private void SkipBlanks()
    {
        while (position < end)
        {
            var from = position;
            if (openBlocks == 0 && !isInLineComment && text[position] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            {
                position++;
                continue;
            }

            var isRest = openBlocks > 0 || isInLineComment;
            if (isInLineComment || (openBlocks == 0 && text[position] == '-' && At(position + 1) == '-'))
                SkipLineComment();
            else if (openBlocks > 0 || (text[position] == '/' && At(position + 1) == '*'))
                SkipBlockComment();
            else
                return;
            if (position == from)
                return;
            if (!isRest)
                Comment?.Invoke(from, position);
        }
    }

    /// <summary>To PostgreSQL a carriage return ends a line, and so a comment; only psql's own lines end with a line feed alone.</summary>
    private int EndOfLineComment(int offset)
    {
        var length = text.AsSpan(offset, end - offset).IndexOfAny('\n', '\r');
        return length < 0 ? ReachEnd() : offset + length;
    }

    private void SkipLineComment()
    {
        var length = text.AsSpan(position, end - position).IndexOfAny('\n', '\r');
        if (length >= 0)
            (position, isInLineComment) = (position + length, false);
        else if (isLast || isInLineComment || end - position > LongestComment)
            (position, isInLineComment) = (ReachEnd(), !isLast);
        else
            isAtEnd = true;
    }

    /// <summary>Block comments nest, unlike in C.</summary>
    private void SkipBlockComment()
    {
        var (at, depth) = (position, openBlocks);
        while (at < end)
        {
            if (text[at] is '/' or '*' && at + 1 == end && !isLast)
                break;
            if (text[at] == '/' && At(at + 1) == '*')
                (depth, at) = (depth + 1, at + 2);
            else if (text[at] == '*' && At(at + 1) == '/')
                (depth, at) = (depth - 1, at + 2);
            else
                at++;
            if (depth == 0)
            {
                (position, openBlocks) = (at, 0);
                return;
            }
        }

        isAtEnd = true;
        if (isLast || openBlocks > 0 || at - position > LongestComment)
            (position, openBlocks) = (at, isLast ? 0 : depth);
    }

    private SqlToken WordOrPrefixedText(int from)
    {
        var next = At(from + 1);
        switch (text[from])
        {
            case 'e' or 'E' when next == '\'':
                return PlainText(from, from + 1, backslashesArePlain: false);
            case 'b' or 'B' or 'x' or 'X' when next == '\'':
                return PlainText(from, from + 1, backslashesArePlain: true);
            case 'n' or 'N' when next == '\'':
                return PlainText(from, from + 1, !Strings.HasEscapes, isPlain: true);
            case 'u' or 'U' when next == '&' && At(from + 2) == '\'':
                var literal = PlainText(from, from + 2, backslashesArePlain: true);
                return Token(SqlTokenKind.Text, from, EndOfEscapeClause(literal.End));
            case 'u' or 'U' when next == '&' && At(from + 2) == '"':
                return Token(SqlTokenKind.QuotedName, from, EndOfEscapeClause(EndOfQuoted(from + 2, '"', backslashesArePlain: true)));
        }

        var to = from + 1;
        while (true)
        {
            var length = text.AsSpan(to, end - to).IndexOfAnyExcept(NamePart);
            to = length < 0 ? ReachEnd() : to + length;
            if (to >= end || text[to] < '\u0080')
                break;
            to++;
        }

        return Token(SqlTokenKind.Word, from, to);
    }

    /// <summary><c>UESCAPE '!'</c> behind a Unicode name or literal belongs to it.</summary>
    private int EndOfEscapeClause(int to)
    {
        var word = Behind(to);
        if (!IsAt(word, "uescape") || IsNameStart(At(word + 7)))
            return to;
        var mark = Behind(word + 7);
        return At(mark) == '\'' && At(mark + 2) == '\'' ? mark + 3 : to;
    }

    private bool IsAt(int offset, string word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if ((At(offset + i) | 0x20) != word[i])
                return false;
        }

        return true;
    }

    /// <summary>Behind the blanks and comments there, which are not told of: they may be met again.</summary>
    private int Behind(int offset)
    {
        var listener = Comment;
        (position, Comment) = (offset, null);
        SkipBlanks();
        (Comment, openBlocks, isInLineComment) = (listener, 0, false);
        return position;
    }

    /// <param name="isPlain">The setting decides about its backslashes.</param>
    private SqlToken PlainText(int from, int open, bool backslashesArePlain, bool isPlain = false)
    {
        var to = Piece(open, backslashesArePlain, isPlain);
        // 'a' <newline> 'b' is one literal, and goes on by the rules of its first piece.
        while (Continuation(to) is var next && next >= 0)
            to = Piece(next, backslashesArePlain, isPlain);
        return Token(SqlTokenKind.Text, from, to);
    }

    private int Piece(int open, bool backslashesArePlain, bool isPlain)
    {
        var to = EndOfQuoted(open, '\'', backslashesArePlain);
        if (isPlain && Strings.IsUncertain && text.AsSpan(open, to - open).Contains('\\'))
            HasUncertainEnd |= !EndsAlike(text.AsSpan(open + 1, to - open - 1), !backslashesArePlain);
        return to;
    }

    /// <summary>Whether the string ends at the same quote by the other rules.</summary>
    private static bool EndsAlike(ReadOnlySpan<char> rest, bool backslashesArePlain)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '\\' && !backslashesArePlain)
                i++;
            else if (rest[i] == '\'' && i + 1 < rest.Length && rest[i + 1] == '\'')
                i++;
            else if (rest[i] == '\'')
                return i + 1 == rest.Length;
        }

        return false;
    }

    /// <summary>Comments that end with their line may stand between the pieces, block comments may not.</summary>
    private int Continuation(int from)
    {
        var newline = false;
        for (var i = from; ; i++)
        {
            var c = At(i);
            if (c is '\n' or '\r')
                newline = true;
            else if (newline && c == '\'')
                return i;
            else if (c == '-' && At(i + 1) == '-')
                i = EndOfLineComment(i) - 1;
            else if (c is not (' ' or '\t' or '\f' or '\v'))
                return -1;
        }
    }

    private int EndOfQuoted(int open, char quote, bool backslashesArePlain)
    {
        for (var i = open + 1; i < end; i++)
        {
            if (backslashesArePlain)
            {
                var length = text.AsSpan(i, end - i).IndexOf(quote);
                if (length < 0)
                    break;
                i += length;
            }

            if (text[i] == '\\' && !backslashesArePlain)
                i++;
            else if (text[i] == quote && At(i + 1) == quote)
                i++;
            else if (text[i] == quote)
                return i + 1;
        }

        return Unclosed(open + 1, quote);
    }

    private SqlToken DollarText(int from)
    {
        var to = from + 1;
        if (char.IsAsciiDigit(At(to)))
        {
            while (char.IsAsciiDigit(At(to)))
                to++;
            return Token(SqlTokenKind.Parameter, from, to);
        }

        if (IsNameStart(At(to)))
        {
            while (IsNameStart(At(to)) || char.IsAsciiDigit(At(to)))
                to++;
        }

        if (At(to) != '$')
            return Token(SqlTokenKind.Operator, from, from + 1);
        var tag = text.AsSpan(from, to + 1 - from);
        var close = text.AsSpan(to + 1, end - to - 1).IndexOf(tag, StringComparison.Ordinal);
        return Token(SqlTokenKind.Text, from, close < 0 ? Unclosed(to + 1, '$') : to + 1 + close + tag.Length);
    }

    private int Unclosed(int inside, char quote)
    {
        IsUnclosed |= isLast;
        OpenText = (inside, quote);
        return ReachEnd();
    }

    /// <summary>
    /// A command of psql ends with its line, or where an unquoted backslash begins the next one; <c>\\</c> leads back to SQL, <c>\;</c> is a semicolon
    /// that psql does not send at, <c>\:</c> a colon (https://www.postgresql.org/docs/current/app-psql.html, meta-commands). An unknown one takes its line
    /// along, backslashes and all: only what cannot be a name is known to be unknown, such as the <c>\'</c> of other systems' dumps.
    /// </summary>
    private int EndOfPsqlCommand(int from)
    {
        if (At(from + 1) is '\\' or ';' or ':')
            return from + 2;
        var line = EndOfLine(from);
        var command = text.AsSpan(from + 1, line - from - 1);
        if (command.StartsWith("copy", StringComparison.Ordinal) || command.StartsWith("!", StringComparison.Ordinal) || command.StartsWith("h", StringComparison.Ordinal) || !MayBePsqlCommand(command))
            return line;
        var quote = '\0';
        for (var i = from + 1; i < line; i++)
        {
            if (quote == '\0' && text[i] == '\\')
                return i;
            if (quote == '\0' && text[i] is '\'' or '"' or '`')
                quote = text[i];
            else if (quote != '\0' && text[i] == '\\' && quote == '\'')
                i++;
            else if (text[i] == quote)
                quote = '\0';
        }

        return line;
    }

    /// <summary>Letters, in part with a sign behind them; <c>\g(…)</c> has its options there.</summary>
    private static bool MayBePsqlCommand(ReadOnlySpan<char> command)
    {
        var end = command.IndexOfAny(" \t\f\v\\");
        foreach (var c in command[..(end < 0 ? command.Length : end)])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '+' or '?' or '-'))
                return command[0] == 'g' && c == '(';
        }

        return end != 0 && command.Length > 0;
    }

    /// <summary>A sign belongs to it before the digits of an exponent: otherwise a comment can begin there.</summary>
    private int EndOfNumber()
    {
        var to = position;
        while (char.IsAsciiLetterOrDigit(At(to)) || At(to) is '.' or '_' || (At(to) is '+' or '-' && At(to - 1) is 'e' or 'E' && to > position && char.IsAsciiDigit(At(to + 1))))
            to++;
        return to;
    }

    /// <summary>An operator ends where a comment begins.</summary>
    private int EndOfOperator()
    {
        var to = position;
        while (IsOperatorCharacter(At(to)) && !(text[to] == '-' && At(to + 1) == '-') && !(text[to] == '/' && At(to + 1) == '*'))
            to++;
        return to;
    }
}
