namespace DbSafety.Analysis.Rules;

/// <summary>A materialized view goes, with the rows stored in it; they can be computed again while its sources are there.</summary>
internal sealed class DropMaterializedView : IAnalysisRule
{
    public string Id => "drop-materialized-view";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop", "materialized", "view"))
            yield break;
        cursor.Take("if", "exists");
        foreach (var view in cursor.TakeRelations(context.SearchSchema))
        {
            var name = context.Display(view);
            yield return new Effect(name, $"drops materialized view {name}", $"Make its successor under another name first, and drop {name} when nothing reads it any more.")
            {
                Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(view), LiveReach.Only),
            };
        }
    }
}
