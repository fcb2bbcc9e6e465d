using System.Globalization;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>When a CREATE TRIGGER has which function called.</summary>
/// <param name="IsBeforeRow">What its function assigns to NEW is what is stored.</param>
internal sealed record TriggerParts(bool IsBeforeRow, bool IsInstead, IReadOnlySet<string> Events, RelationName Function)
{
    /// <summary>FOR EACH ROW.</summary>
    public bool IsRow { get; init; }

    /// <summary>Whether its WHEN condition holds for a statement that no trigger runs, and for one that a trigger runs. Null: that depends on more.</summary>
    public (bool? AtTop, bool? Inside) Holds { get; init; } = (true, true);

    private static readonly string[] Kinds = ["insert", "update", "delete", "truncate"];

    public static TriggerParts? Of(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("trigger"));
        cursor.Skip();
        if (cursor.TakeName() is null)
            return null;
        var (isBefore, isInstead) = (cursor.At("before"), cursor.At("instead"));
        var on = cursor.Find("on");
        var events = new HashSet<string>(StringComparer.Ordinal);
        for (var i = cursor.Position; i < on; i++)
            events.UnionWith(Kinds.Where(cursor.TokenAt(i).Is));
        var isRow = statement.Tokens.Any(t => t.Is("row"));
        var (when, execute) = (cursor.Find("when"), cursor.Find("execute"));
        var holds = when < execute ? DepthIs(cursor, when + 1, execute) : (true, true);
        cursor.BackTo(cursor.Find("execute"));
        return cursor.Take("execute") && cursor.TakeAny("function", "procedure") && cursor.TakeRelation(null) is { } function
            ? new TriggerParts(isBefore && isRow, isInstead, events, function) { IsRow = isRow, Holds = holds } : null;
    }

    /// <summary>pg_trigger_depth(), which is 0 outside of triggers and 1 or more inside, is compared with a number.</summary>
    private static (bool? AtTop, bool? Inside) DepthIs(TokenCursor cursor, int from, int to)
    {
        while (to - from > 2 && cursor.TokenAt(from).IsMark('(') && NullnessReader.Closing(cursor, from, to) == to - 1)
            (from, to) = (from + 1, to - 1);
        if (to - from > 2 && cursor.TokenAt(from).Is("pg_catalog") && cursor.TokenAt(from + 1).IsMark('.'))
            from += 2;
        if (to - from != 5 || !cursor.TokenAt(from).Is("pg_trigger_depth") || !cursor.TokenAt(from + 1).IsMark('(') || !cursor.TokenAt(from + 2).IsMark(')')
            || cursor.TokenAt(from + 4) is not { Kind: SqlTokenKind.Number } number || !int.TryParse(number.Written, NumberStyles.None, CultureInfo.InvariantCulture, out var than))
            return (null, null);
        return cursor.TokenAt(from + 3).Value switch
        {
            "=" => (than == 0, Inside(than < 1, false)),
            "<>" or "!=" => (than != 0, Inside(than < 1, true)),
            ">" => (false, Inside(than < 1, true)),
            ">=" => (than == 0, Inside(than < 2, true)),
            "<" => (than > 0, Inside(than < 2, false)),
            "<=" => (true, Inside(than < 1, false)),
            _ => (null, null),
        };

        static bool? Inside(bool isDecided, bool value) => isDecided ? value : null;
    }
}
