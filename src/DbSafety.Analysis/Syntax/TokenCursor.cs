namespace DbSafety.Analysis.Syntax;

/// <summary>Reads a statement's tokens from left to right.</summary>
internal sealed class TokenCursor(IReadOnlyList<SqlToken> tokens, int position = 0)
{
    public int Position { get; private set; } = position;

    public bool AtEnd => Position >= tokens.Count;

    public SqlToken? Current => AtEnd ? null : tokens[Position];

    /// <summary>Stays at the end once there.</summary>
    public void Skip() => Position = Math.Min(Position + 1, tokens.Count);

    public void SkipToEnd() => Position = tokens.Count;

    public void BackTo(int position) => Position = position;

    public bool At(string word) => !AtEnd && tokens[Position].Is(word);

    public bool At(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (Position + i >= tokens.Count || !tokens[Position + i].Is(words[i]))
                return false;
        }

        return true;
    }

    public bool AtMark(char mark) => !AtEnd && tokens[Position].IsMark(mark);

    /// <summary>Steps over these words if all of them come next.</summary>
    public bool Take(params ReadOnlySpan<string> words)
    {
        if (!At(words))
            return false;
        Position += words.Length;
        return true;
    }

    /// <summary>Steps over the first of these words that comes next.</summary>
    public bool TakeAny(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Take(word))
                return true;
        }

        return false;
    }

    public bool TakeMark(char mark)
    {
        if (!AtMark(mark))
            return false;
        Position++;
        return true;
    }

    /// <summary>A name without a schema; null if none comes next. One of psql's variables stands for a name too.</summary>
    public string? TakeName()
    {
        if (AtEnd)
            return null;
        if (tokens[Position].IsName)
            return tokens[Position++].Value;
        if (!AtMark(':') || Position + 1 >= tokens.Count || tokens[Position + 1].Start != tokens[Position].End || !(tokens[Position + 1].IsName || tokens[Position + 1].Kind == SqlTokenKind.Text))
            return null;
        Position += 2;
        return ":" + tokens[Position - 1].Value;
    }

    /// <summary>What a string literal stands for; null if none comes next.</summary>
    public string? TakeText() => AtEnd || tokens[Position].Kind != SqlTokenKind.Text ? null : QuotedText.Literal(tokens[Position++]);

    /// <summary><c>name</c>, <c>schema.name</c> or <c>database.schema.name</c>, with the <c>*</c> that means children.</summary>
    public RelationName? TakeRelation(string? searchSchema)
    {
        if (TakeName() is not { } name)
            return null;
        string? schema = null;
        while (AtMark('.') && Position + 1 < tokens.Count && tokens[Position + 1].IsName)
        {
            Position++;
            (schema, name) = (name, TakeName()!);
        }

        if (!AtEnd && tokens[Position].IsOperator("*"))
            Position++;
        return new RelationName(schema ?? searchSchema, name);
    }

    /// <summary>Names with commas between them.</summary>
    public List<RelationName> TakeRelations(string? searchSchema)
    {
        var names = new List<RelationName>();
        do
        {
            var only = Take("only");
            var inParentheses = only && TakeMark('(');
            if (TakeRelation(searchSchema) is not { } name)
                break;
            names.Add(name);
            if (inParentheses)
                TakeMark(')');
        }
        while (TakeMark(','));
        return names;
    }

    /// <summary>The names in <c>(a, b)</c>; empty if no parenthesis comes next.</summary>
    public List<string> TakeNamesInParentheses()
    {
        var names = new List<string>();
        if (!TakeMark('('))
            return names;
        while (!AtEnd && !TakeMark(')'))
        {
            if (TakeName() is { } name)
                names.Add(name);
            else
                Skip();
        }

        return names;
    }

    /// <summary>Goes behind the parenthesis or bracket that closes the one here.</summary>
    public void SkipParentheses()
    {
        var depth = 0;
        for (; !AtEnd; Position++)
        {
            depth += AtMark('(') || AtMark('[') ? 1 : AtMark(')') || AtMark(']') ? -1 : 0;
            if (depth == 0)
            {
                Position++;
                return;
            }
        }
    }

    /// <summary>What is in the parentheses here, as written; goes behind them.</summary>
    public string TakeParenthesesText()
    {
        var open = Position;
        SkipParentheses();
        return Text(open + 1, Position - 1);
    }

    /// <summary>Goes to the next comma outside parentheses, or to the end.</summary>
    public void SkipUntilComma()
    {
        var depth = 0;
        while (!AtEnd && !(depth == 0 && AtMark(',')))
        {
            depth += AtMark('(') || AtMark('[') ? 1 : AtMark(')') || AtMark(']') ? -1 : 0;
            Position++;
        }
    }

    /// <summary>Behind the next comma of a list in parentheses, or to the parenthesis that closes it.</summary>
    public void SkipElement()
    {
        var depth = 0;
        for (; !AtEnd && !(depth == 0 && AtMark(')')); Position++)
        {
            depth += AtMark('(') || AtMark('[') ? 1 : AtMark(')') || AtMark(']') ? -1 : 0;
            if (depth == 0 && AtMark(','))
            {
                Position++;
                return;
            }
        }
    }

    /// <summary>The place of the next of these words outside parentheses, or of the end of what is in these.</summary>
    public int Find(params ReadOnlySpan<string> words)
    {
        var depth = 0;
        for (var i = Position; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth < 0)
                return i;
            if (depth > 0 || tokens[i].Kind != SqlTokenKind.Word)
                continue;
            foreach (var word in words)
            {
                if (tokens[i].Is(word))
                    return i;
            }
        }

        return tokens.Count;
    }

    public SqlToken TokenAt(int index) => tokens[index];

    public int Count => tokens.Count;

    public IReadOnlyList<SqlToken> Slice(int from, int to) => [.. tokens.Take(to).Skip(from)];

    /// <summary>From one token to the one before another, as written.</summary>
    public string Text(int from, int to) => to <= from ? "" : tokens[from].Source[tokens[from].Start..tokens[to - 1].End];

    /// <summary>From one token to the one before here, as written.</summary>
    public string TextSince(int from) => Text(from, Position);
}
