using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>When a CREATE TRIGGER has which function called.</summary>
/// <param name="IsBeforeRow">What its function assigns to NEW is what is stored.</param>
internal sealed record TriggerParts(bool IsBeforeRow, bool IsInstead, IReadOnlySet<string> Events, RelationName Function)
{
    /// <summary>FOR EACH ROW.</summary>
    public bool IsRow { get; init; }

    /// <summary>It has a WHEN condition.</summary>
    public bool IsConditional { get; init; }

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
        var isConditional = cursor.Find("when") < cursor.Find("execute");
        cursor.BackTo(cursor.Find("execute"));
        return cursor.Take("execute") && cursor.TakeAny("function", "procedure") && cursor.TakeRelation(null) is { } function
            ? new TriggerParts(isBefore && isRow, isInstead, events, function) { IsRow = isRow, IsConditional = isConditional } : null;
    }
}
