namespace DbSafety.Analysis;

/// <summary>Reads a statement's tokens from left to right.</summary>
internal sealed class TokenCursor(IReadOnlyList<SqlToken> tokens, int position = 0)
{
    public int Position { get; private set; } = position;

    public bool AtEnd => Position >= tokens.Count;

    public SqlToken? Current => AtEnd ? null : tokens[Position];

    public void Skip() => Position++;

    public bool At(string word) => !AtEnd && tokens[Position].Is(word);

    public bool AtMark(char mark) => !AtEnd && tokens[Position].IsMark(mark);

    /// <summary>Steps over these words if all of them come next.</summary>
    public bool Take(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (Position + i >= tokens.Count || !tokens[Position + i].Is(words[i]))
                return false;
        }

        Position += words.Length;
        return true;
    }

    public bool TakeMark(char mark)
    {
        if (!AtMark(mark))
            return false;
        Position++;
        return true;
    }

    /// <summary>A name without a schema; null where none comes next.</summary>
    public string? TakeName()
    {
        if (AtEnd || !tokens[Position].IsName)
            return null;
        return tokens[Position++].Value;
    }

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

        if (!AtEnd && tokens[Position] is { Kind: SqlTokenKind.Operator, Value: "*" })
            Position++;
        return new RelationName(schema ?? searchSchema, name);
    }

    /// <summary>Names with commas between them.</summary>
    public List<RelationName> TakeRelations(string? searchSchema)
    {
        var names = new List<RelationName>();
        do
        {
            Take("only");
            if (TakeRelation(searchSchema) is not { } name)
                break;
            names.Add(name);
        }
        while (TakeMark(','));
        return names;
    }

    /// <summary>Goes behind the parenthesis that closes the one here.</summary>
    public void SkipParentheses()
    {
        var depth = 0;
        for (; !AtEnd; Position++)
        {
            depth += tokens[Position].IsMark('(') ? 1 : tokens[Position].IsMark(')') ? -1 : 0;
            if (depth == 0)
            {
                Position++;
                return;
            }
        }
    }

    /// <summary>The tokens up to the next comma outside of parentheses, or to the end.</summary>
    public List<SqlToken> TakeUntilComma()
    {
        var taken = new List<SqlToken>();
        var depth = 0;
        while (!AtEnd && !(depth == 0 && AtMark(',')))
        {
            depth += AtMark('(') || AtMark('[') ? 1 : AtMark(')') || AtMark(']') ? -1 : 0;
            taken.Add(tokens[Position++]);
        }

        return taken;
    }
}
