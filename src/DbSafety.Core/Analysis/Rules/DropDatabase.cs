using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>A whole database goes.</summary>
internal sealed class DropDatabase : IAnalysisRule
{
    public string Id => "drop-database";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop", "database"))
            yield break;
        cursor.Take("if", "exists");
        if (cursor.TakeName() is { } name)
            yield return new Effect(SqlName.Display(name), $"drops database {SqlName.Display(name)} and everything in it", "A migration is no place for this: take it out.");
    }
}
