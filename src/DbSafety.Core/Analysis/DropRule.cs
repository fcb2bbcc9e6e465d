namespace DbSafety.Analysis;

/// <summary>A rule for one kind of <c>DROP</c> that takes no stored values along but may take what the application uses.</summary>
internal abstract class DropRule(params string[] kinds) : IAnalysisRule
{
    public abstract string Id { get; }

    public virtual FindingSeverity Severity => FindingSeverity.Breaking;

    protected abstract string Remedy(string name);

    protected virtual bool Applies(SqlStatement statement) => true;

    protected virtual string Consequence => "what still uses it fails";

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop") || cursor.TakeName() is not { } kind || !kinds.Contains(kind) || !Applies(context.Statement))
            yield break;
        cursor.Take("concurrently");
        cursor.Take("if", "exists");
        do
        {
            if (cursor.TakeRelation(context.SearchSchema) is not { } dropped)
                yield break;
            if (cursor.AtMark('('))
                cursor.SkipParentheses();
            var name = context.Display(dropped);
            yield return new Effect(name, $"drops {kind} {name}: {Consequence}", Remedy(name));
        }
        while (cursor.TakeMark(','));
    }
}
