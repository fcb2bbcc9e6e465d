namespace DbSafety.Analysis.Rules;

/// <summary>The table is locked against reading and writing, mostly while it is written anew.</summary>
internal sealed class AlterColumnType : IAnalysisRule
{
    public string Id => "alter-column-type";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public IEnumerable<Effect> Find(StatementContext context) => TypeChange.Find(context).Select(change =>
    {
        var name = context.Display(change.Table, change.Column);
        return new Effect(name, $"changes the type of {name} to {change.Type}; nobody can read or write {context.Display(change.Table)} meanwhile",
            $"Add a new column of type {change.Type}, fill it in portions, and switch over to it.")
        {
            HarmlessBecause = context.History.IsCreated(change.Table) ? "the table was made by the same pending migrations" : null,
        };
    });
}
