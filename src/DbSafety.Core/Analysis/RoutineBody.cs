namespace DbSafety.Analysis;

/// <summary>
/// The SQL inside of DO blocks and function bodies. It is read as far as its statements stand in plain sight; what is put
/// together at run time stays unseen, which the rules do-block and dynamic-sql say.
/// </summary>
internal static class RoutineBody
{
    private static readonly string[] Openers = ["begin", "then", "else", "loop"];

    public static IEnumerable<SqlStatement> Statements(SqlStatement statement)
    {
        if (Body(statement) is not { } body)
            yield break;
        var offset = statement.Text.AsSpan(body.Start - statement.Offset, body.Length).IndexOf(body.Value, StringComparison.Ordinal);
        var before = statement.Text.AsSpan(0, body.Start - statement.Offset + Math.Max(offset, 0)).Count('\n');
        foreach (var piece in SqlSplitter.Split(body.Value))
        {
            var line = statement.Line + before + piece.Line - 1;
            var start = StartOfCommand(piece.Tokens);
            // FOR x IN EXECUTE … LOOP stands before the command.
            for (var i = 0; i < start; i++)
            {
                if (piece.Tokens[i].Is("execute"))
                    yield return Cut(piece, i, start, line, statement.Ordinal);
            }

            if (start < piece.Tokens.Count)
                yield return Cut(piece, start, piece.Tokens.Count, line, statement.Ordinal);
        }
    }

    private static SqlStatement Cut(SqlStatement piece, int from, int to, int line, int ordinal) => piece with
    {
        Line = line + LinesBetween(piece, from),
        Ordinal = ordinal,
        Tokens = [.. piece.Tokens.Take(to).Skip(from)],
    };

    /// <summary>What a function holds happens when it is called, not when it is made.</summary>
    public static Effect Judge(SqlStatement outer, Effect effect) =>
        outer.StartsWith("do") || effect.HarmlessBecause is not null ? effect : effect with { HarmlessBecause = "it stands in a routine's body and happens only when that is called" };

    private static SqlToken? Body(SqlStatement statement)
    {
        if (!statement.StartsWith("do") && !MakesRoutine(statement))
            return null;
        // Of a function's literals, defaults and settings included, the body is the longest.
        var texts = statement.Tokens.Where(t => t.Kind == SqlTokenKind.Text).ToList();
        return texts.Count == 0 ? null : texts.MaxBy(t => t.Length);
    }

    private static bool MakesRoutine(SqlStatement statement) =>
        statement.StartsWith("create", "function") || statement.StartsWith("create", "procedure")
        || statement.StartsWith("create", "or", "replace", "function") || statement.StartsWith("create", "or", "replace", "procedure");

    /// <summary>Behind the last word that opens a block: IF x THEN DELETE … begins with DELETE.</summary>
    private static int StartOfCommand(IReadOnlyList<SqlToken> tokens)
    {
        var (start, depth, cases) = (0, 0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            cases += tokens[i].Is("case") && i > start ? 1 : tokens[i].Is("end") && cases > 0 ? -1 : 0;
            if (depth == 0 && cases == 0 && tokens[i].Kind == SqlTokenKind.Word && Openers.Contains(tokens[i].Value))
                start = i + 1;
        }

        return start;
    }

    private static int LinesBetween(SqlStatement piece, int token) =>
        piece.Text.AsSpan(0, piece.Tokens[token].Start - piece.Offset).Count('\n');
}
