using DbSafety.Errors;

namespace DbSafety.Migrations.Sources.Flyway;

/// <summary>The expression of <c>shouldExecute</c>: <c>true</c>, <c>false</c>, <c>A==B</c>, <c>A!=B</c>, with <c>&amp;&amp;</c>, <c>||</c> and parentheses (flyway-core, BooleanEvaluator).</summary>
internal static class FlywayCondition
{
    /// <exception cref="DbSafetyException"><c>DBS477</c> it is something else.</exception>
    public static bool Holds(string expression, string file)
    {
        var at = 0;
        var holds = Any(expression, ref at);
        return holds is { } known && expression[at..].Trim().Length == 0 ? known : throw ErrorCatalogue.ToolFileUnreadable.For(file, "Flyway", $"shouldExecute is {expression}");
    }

    private static bool? Any(string text, ref int at)
    {
        var holds = Both(text, ref at);
        while (Takes(text, ref at, "||"))
            holds = Both(text, ref at) is { } other ? holds | other : null;
        return holds;
    }

    private static bool? Both(string text, ref int at)
    {
        var holds = One(text, ref at);
        while (Takes(text, ref at, "&&"))
            holds = One(text, ref at) is { } other ? holds & other : null;
        return holds;
    }

    private static bool? One(string text, ref int at)
    {
        if (Takes(text, ref at, "("))
            return Any(text, ref at) is { } inner && Takes(text, ref at, ")") ? inner : null;
        var left = Word(text, ref at);
        if (Takes(text, ref at, "=="))
            return left == Word(text, ref at);
        if (Takes(text, ref at, "!="))
            return left != Word(text, ref at);
        return bool.TryParse(left, out var plain) ? plain : null;
    }

    private static string Word(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !"()&|".Contains(text[at], StringComparison.Ordinal) && !text.AsSpan(at).StartsWith("==") && !text.AsSpan(at).StartsWith("!="))
            at++;
        return text[start..at].Trim();
    }

    private static bool Takes(string text, ref int at, string mark)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (!text.AsSpan(at).StartsWith(mark))
            return false;
        at += mark.Length;
        return true;
    }
}
