using System.Globalization;
using System.Text;

namespace DbSafety.Analysis;

/// <summary>
/// Cuts SQL text into tokens by the rules of PostgreSQL's own scanner
/// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). It never fails: a literal that is not closed runs to the
/// end of the text, as it would for the server, which then refuses the whole.
/// </summary>
internal sealed class SqlLexer(string text)
{
    private const string OperatorCharacters = "~!@#^&|`?+-*/%<>=";

    private int position = text.StartsWith('\uFEFF') ? 1 : 0;

    public int Position => position;

    /// <summary>Off only where the script itself turned it off: backslashes then escape in plain strings too.</summary>
    public bool StandardConformingStrings { get; set; } = true;

    /// <summary>Goes on behind text that is no SQL, such as the rows of a COPY.</summary>
    public void SkipTo(int offset) => position = offset;

    public SqlToken? Next()
    {
        SkipBlanks();
        if (position >= text.Length)
            return null;
        var start = position;
        var c = text[position];
        if (IsNameStart(c))
            return WordOrPrefixedText(start);
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(At(position + 1))))
            return Token(SqlTokenKind.Number, start, EndOfNumber());
        return c switch
        {
            '\'' => PlainText(start, StandardConformingStrings),
            '"' => QuotedName(start, unicode: false),
            '$' => DollarText(start),
            '\\' => Token(SqlTokenKind.PsqlCommand, start, EndOfLine(position)),
            _ when OperatorCharacters.Contains(c, StringComparison.Ordinal) => Token(SqlTokenKind.Operator, start, EndOfOperator()),
            _ => Token(SqlTokenKind.Punctuation, start, start + 1),
        };
    }

    /// <summary>The offset of the line break that ends this line, or of the end of the text.</summary>
    public int EndOfLine(int offset)
    {
        var end = text.IndexOf('\n', offset);
        return end < 0 ? text.Length : end > offset && text[end - 1] == '\r' ? end - 1 : end;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\u0080';

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c) || c == '$';

    private char At(int offset) => offset < text.Length ? text[offset] : '\0';

    private SqlToken Token(SqlTokenKind kind, int start, int end)
    {
        position = end;
        return new SqlToken(kind, start, end - start, text[start..end]);
    }

    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            if (text[position] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
                position++;
            else if (text[position] == '-' && At(position + 1) == '-')
                SkipLineComment();
            else if (text[position] == '/' && At(position + 1) == '*')
                SkipBlockComment();
            else
                return;
        }
    }

    private void SkipLineComment()
    {
        while (position < text.Length && text[position] is not ('\n' or '\r'))
            position++;
    }

    /// <summary>Block comments nest, unlike in C.</summary>
    private void SkipBlockComment()
    {
        var depth = 0;
        while (position < text.Length)
        {
            if (text[position] == '/' && At(position + 1) == '*')
                (depth, position) = (depth + 1, position + 2);
            else if (text[position] == '*' && At(position + 1) == '/')
                (depth, position) = (depth - 1, position + 2);
            else
                position++;
            if (depth == 0)
                return;
        }
    }

    private SqlToken WordOrPrefixedText(int start)
    {
        var next = At(start + 1);
        switch (text[start])
        {
            case 'e' or 'E' when next == '\'':
                return PlainText(start, backslashesArePlain: false);
            case 'b' or 'B' or 'x' or 'X' or 'n' or 'N' when next == '\'':
                return PlainText(start, StandardConformingStrings);
            case 'u' or 'U' when next == '&' && At(start + 2) == '\'':
                return PlainText(start, backslashesArePlain: true);
            case 'u' or 'U' when next == '&' && At(start + 2) == '"':
                return QuotedName(start, unicode: true);
        }

        var end = start + 1;
        while (end < text.Length && IsNamePart(text[end]))
            end++;
        position = end;
        return new SqlToken(SqlTokenKind.Word, start, end - start, Cut(Fold(text.AsSpan(start, end - start))));
    }

    /// <summary>In the encodings where a character can be several bytes the server folds ASCII letters alone.</summary>
    private static string Fold(ReadOnlySpan<char> word) => string.Create(word.Length, word, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
            target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
    });

    private static string Cut(string name) => Encoding.UTF8.GetByteCount(name) <= Databases.SqlName.MaxBytes ? name : Databases.SqlName.WithSuffix(name, "");

    private SqlToken PlainText(int start, bool backslashesArePlain)
    {
        var open = text.IndexOf('\'', start);
        var end = EndOfQuoted(open, '\'', backslashesArePlain);
        // 'a' <newline> 'b' is one literal, and goes on by the rules of its first piece.
        while (Continuation(end) is var next && next >= 0)
            end = EndOfQuoted(next, '\'', backslashesArePlain);
        position = end;
        return new SqlToken(SqlTokenKind.Text, start, end - start, Inside(open, end));
    }

    private int Continuation(int end)
    {
        var newline = false;
        for (var i = end; i < text.Length; i++)
        {
            if (text[i] is '\n' or '\r')
                newline = true;
            else if (newline && text[i] == '\'')
                return i;
            else if (text[i] is not (' ' or '\t' or '\f' or '\v'))
                break;
        }

        return -1;
    }

    private string Inside(int open, int end) => end - open >= 2 && text[end - 1] == text[open] ? text[(open + 1)..(end - 1)] : text[(open + 1)..end];

    private int EndOfQuoted(int open, char quote, bool backslashesArePlain)
    {
        for (var i = open + 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && !backslashesArePlain)
                i++;
            else if (text[i] == quote && At(i + 1) == quote)
                i++;
            else if (text[i] == quote)
                return i + 1;
        }

        return text.Length;
    }

    private SqlToken QuotedName(int start, bool unicode)
    {
        var open = text.IndexOf('"', start);
        position = EndOfQuoted(open, '"', backslashesArePlain: true);
        var name = Inside(open, position).Replace("\"\"", "\"", StringComparison.Ordinal);
        return new SqlToken(SqlTokenKind.QuotedName, start, position - start, Cut(unicode ? Unescape(name) : name));
    }

    /// <summary><c>\0061</c>, <c>\+000061</c> and <c>\\</c>.</summary>
    private static string Unescape(string name)
    {
        var result = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var (skip, digits) = name[i] != '\\' ? (0, 0) : i + 1 < name.Length && name[i + 1] == '+' ? (2, 6) : (1, 4);
            if (digits > 0 && i + skip + digits <= name.Length
                && int.TryParse(name.AsSpan(i + skip, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
            {
                result.Append(new Rune(code));
                i += skip + digits - 1;
            }
            else
            {
                result.Append(name[i]);
                i += name[i] == '\\' && i + 1 < name.Length && name[i + 1] == '\\' ? 1 : 0;
            }
        }

        return result.ToString();
    }

    private SqlToken DollarText(int start)
    {
        var end = start + 1;
        if (char.IsAsciiDigit(At(end)))
        {
            while (char.IsAsciiDigit(At(end)))
                end++;
            return Token(SqlTokenKind.Parameter, start, end);
        }

        if (IsNameStart(At(end)))
        {
            while (IsNameStart(At(end)) || char.IsAsciiDigit(At(end)))
                end++;
        }

        if (At(end) != '$')
            return Token(SqlTokenKind.Operator, start, start + 1);
        var tag = text[start..(end + 1)];
        var close = text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        position = close < 0 ? text.Length : close + tag.Length;
        return new SqlToken(SqlTokenKind.Text, start, position - start, text[(end + 1)..(close < 0 ? text.Length : close)]);
    }

    private int EndOfNumber()
    {
        var end = position;
        while (char.IsAsciiLetterOrDigit(At(end)) || At(end) is '.' or '_' || (At(end) is '+' or '-' && At(end - 1) is 'e' or 'E' && end > position))
            end++;
        return end;
    }

    /// <summary>An operator ends where a comment begins.</summary>
    private int EndOfOperator()
    {
        var end = position;
        while (end < text.Length && OperatorCharacters.Contains(text[end], StringComparison.Ordinal)
            && !(text[end] == '-' && At(end + 1) == '-') && !(text[end] == '/' && At(end + 1) == '*'))
            end++;
        return end;
    }
}
