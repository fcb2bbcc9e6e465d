using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// The expression that undoes what USING computes where no cast does: the element of an array, the parts of a list, the value in a JSON document. A value that comes back the
/// same is preserved, however it is converted, as long as one expression undoes all of them.
/// </summary>
internal static class WayBack
{
    /// <param name="expression">That of USING; null: there is none.</param>
    /// <param name="value">The converted value, as SQL.</param>
    /// <returns>Null if a cast is the way back.</returns>
    public static string? Of(string? expression, string value, CatalogType old, CatalogType type) =>
        expression is null || SqlSplitter.Split(expression) is not [{ Tokens: var tokens }] || Read(tokens, value, old, type) is not { } back ? null : $"({back})::{old.BaseName}";

    private static string? Read(IReadOnlyList<SqlToken> tokens, string value, CatalogType old, CatalogType type) => (old.Element != 0, type.Element != 0) switch
    {
        (false, true) => OfArray(tokens, value),
        (true, false) => Separator(tokens, "array_to_string") is { } joined ? $"pg_catalog.string_to_array({value}, {joined})" : tokens.Any(t => t.IsMark('[')) ? $"ARRAY[{value}]" : null,
        _ when type.BareName.StartsWith("timestamp", StringComparison.Ordinal) => Call(tokens, "to_timestamp") >= 0 ? $"extract(epoch FROM {value}){Inverse(tokens)}" : null,
        _ when type.Category == 'N' => Inverse(tokens) is { } inverse ? $"({value})::pg_catalog.numeric{inverse}" : null,
        _ => type.BareName is "jsonb" or "json" && old.BareName is not ("jsonb" or "json") ? OfJson(tokens, value, type.BareName) : null,
    };

    private static string? OfArray(IReadOnlyList<SqlToken> tokens, string value) =>
        (Separator(tokens, "string_to_array") ?? Separator(tokens, "regexp_split_to_array") ?? (tokens.Any(t => t.Kind == SqlTokenKind.Text && t.Inside is "{") ? "','" : null)) is { } split
            ? $"pg_catalog.array_to_string({value}, {split})" : tokens.Any(t => t.Is("array") || t.Is("array_append")) ? $"({value})[1]" : null;

    private static string? OfJson(IReadOnlyList<SqlToken> tokens, string value, string type)
    {
        if (type == "jsonb" && Separator(tokens, "string_to_array") is { } listed)
            return $"pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.jsonb_array_elements_text({value})), {listed})";
        if (Call(tokens, "to_jsonb", "to_json") >= 0)
            return $"({value}) #>> '{{}}'";
        if (Call(tokens, "jsonb_build_array", "json_build_array") >= 0)
            return $"({value}) ->> 0";
        return Call(tokens, "jsonb_build_object", "json_build_object") is var of and >= 0 && of + 2 < tokens.Count && tokens[of + 2].Kind == SqlTokenKind.Text ? $"({value}) ->> {tokens[of + 2].Written}" : null;
    }

    /// <summary>Of the only operator, a multiplication or division by a number.</summary>
    private static string? Inverse(IReadOnlyList<SqlToken> tokens) =>
        tokens.Where(t => t.Kind == SqlTokenKind.Operator).ToList() is [var sign] && tokens.FirstOrDefault(t => t.Start > sign.Start) is { Kind: SqlTokenKind.Number } by
            ? sign.IsOperator("/") ? $" * {by.Written}" : sign.IsOperator("*") ? $" / {by.Written}" : null : null;

    /// <summary>The second and last argument, where it is a literal.</summary>
    private static string? Separator(IReadOnlyList<SqlToken> tokens, string function)
    {
        if (Call(tokens, function) is not (>= 0 and var at))
            return null;
        for (var (i, depth) = (at + 1, 0); i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0)
                return tokens[i - 1].Kind == SqlTokenKind.Text && tokens[i - 2].IsMark(',') ? tokens[i - 1].Written.ToString() : null;
        }

        return null;
    }

    private static int Call(IReadOnlyList<SqlToken> tokens, params string[] functions)
    {
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (Array.Exists(functions, tokens[i].Is) && tokens[i + 1].IsMark('('))
                return i;
        }

        return -1;
    }
}
