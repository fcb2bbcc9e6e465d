namespace DbSafety.Analysis.Rules;

/// <summary>A trigger goes, and what it did happens no more.</summary>
internal sealed class DropTrigger : IAnalysisRule
{
    public string Id => "drop-trigger";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop", "trigger"))
            yield break;
        cursor.Take("if", "exists");
        if (cursor.TakeName() is { } trigger && cursor.Take("on") && cursor.TakeRelation(context.SearchSchema) is { } table)
            yield return new Effect(context.Display(table, trigger), $"drops trigger {trigger} of {context.Display(table)}: what it did happens no more", "Make sure that nothing relies on it.");
    }
}
