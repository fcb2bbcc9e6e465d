namespace DbSafety.Analysis.Rules;

/// <summary>A column that must have a value, and no way to get one for the rows that are there: it fails unless there are none.</summary>
internal sealed class AddRequiredColumn : IAnalysisRule
{
    private static readonly string[] FillsItself = ["default", "generated", "serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"];

    public string Id => "add-required-column";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (AlterTable.Read(context.Statement, context.SearchSchema) is not { } alter)
            yield break;
        foreach (var action in alter.Actions)
        {
            if (AlterTable.AddedColumn(action) is not var (column, definition) || !IsRequired(definition) || definition.Any(t => t.Kind == SqlTokenKind.Word && FillsItself.Contains(t.Value)))
                continue;
            var name = context.Display(alter.Table, column);
            yield return new Effect(name, $"adds the required column {name} without a default",
                $"Add {name} without NOT NULL, or with a DEFAULT; fill it; then ALTER COLUMN … SET NOT NULL.")
            {
                Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(alter.Table)) { Proves = !context.InBody && !context.History.MayHaveChanged(alter.Table) },
                HarmlessBecause = context.History.IsCreated(alter.Table) ? "the table was made by the same pending migrations" : null,
            };
        }
    }

    private static bool IsRequired(IReadOnlyList<SqlToken> definition)
    {
        for (var i = 0; i + 1 < definition.Count; i++)
        {
            if ((definition[i].Is("not") && definition[i + 1].Is("null")) || (definition[i].Is("primary") && definition[i + 1].Is("key")))
                return true;
        }

        return false;
    }
}
