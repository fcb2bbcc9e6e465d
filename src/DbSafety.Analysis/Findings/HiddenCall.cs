using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What calls a function without its name and a parenthesis (https://www.postgresql.org/docs/current/sql-expressions.html).</summary>
/// <param name="Kind">operator; type, of a cast; or field, since <c>row.name</c> can stand for <c>name(row)</c>.</param>
internal sealed record HiddenCall(RelationName Name, string Kind)
{
    public static IEnumerable<HiddenCall> In(IReadOnlyList<SqlToken> tokens, string? schema)
    {
        var casts = tokens.Any(t => t.Is("cast"));
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == SqlTokenKind.Operator)
                yield return new HiddenCall(new RelationName(null, tokens[i].Value), "operator");
            if (i < 2 || !tokens[i].IsName)
                continue;
            if ((tokens[i - 1].IsMark(':') && tokens[i - 2].IsMark(':')) || (casts && tokens[i - 1].Is("as")))
            {
                var cursor = new TokenCursor(tokens);
                cursor.BackTo(i);
                if (cursor.TakeRelation(schema) is { } type)
                    yield return new HiddenCall(type, "type");
            }
            else if (tokens[i - 1].IsMark('.') && !(i + 1 < tokens.Count && (tokens[i + 1].IsMark('(') || tokens[i + 1].IsMark('.'))))
            {
                yield return new HiddenCall(new RelationName(null, tokens[i].Value), "field");
            }
        }
    }
}
