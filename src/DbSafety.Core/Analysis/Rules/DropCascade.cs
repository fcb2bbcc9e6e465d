using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>CASCADE takes columns, tables and views along that the statement does not name.</summary>
internal sealed class DropCascade : IAnalysisRule
{
    private static readonly string[] Kinds = ["type", "domain", "extension"];

    public string Id => "drop-cascade";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (cursor.Take("drop", "owned", "by"))
        {
            if (cursor.TakeName() is { } role)
                yield return new Effect(SqlName.Display(role), $"drops everything that {SqlName.Display(role)} owns", "Hand it over with REASSIGN OWNED BY, or drop it piece by piece.");
            yield break;
        }

        if (!cursor.Take("drop") || cursor.TakeName() is not { } kind || !Kinds.Contains(kind) || !context.Statement.Contains("cascade"))
            yield break;
        cursor.Take("if", "exists");
        foreach (var dropped in cursor.TakeRelations(context.SearchSchema))
        {
            var name = context.Display(dropped);
            yield return new Effect(name, $"drops {kind} {name} and, by CASCADE, every column that uses it", "Drop the columns by name first, then this without CASCADE.");
        }
    }
}
