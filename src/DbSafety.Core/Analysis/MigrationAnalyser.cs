namespace DbSafety.Analysis;

/// <summary>A script to analyse.</summary>
/// <param name="File">Its path as findings name it.</param>
internal sealed record SqlScript(string File, string Text);

/// <summary>Runs every rule over every statement, in order. It does no I/O.</summary>
internal static class MigrationAnalyser
{
    private static readonly IReadOnlyList<IAnalysisRule> AllRules =
        [.. typeof(IAnalysisRule).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IAnalysisRule)))
            .Select(t => (IAnalysisRule)Activator.CreateInstance(t)!)
            .OrderBy(r => r.Id, StringComparer.Ordinal)];

    public static IReadOnlyList<string> RuleIds { get; } = [.. AllRules.Select(r => r.Id)];

    /// <summary>The scripts are one set: a table made in one of them is known to be new in those behind it.</summary>
    public static IReadOnlyList<MigrationFinding> Analyse(IEnumerable<SqlScript> scripts, string defaultSchema = "public")
    {
        var history = new SchemaHistory();
        var findings = new List<MigrationFinding>();
        foreach (var script in scripts)
        {
            foreach (var statement in SqlSplitter.Split(script.Text))
            {
                var context = new StatementContext(statement, history, defaultSchema);
                findings.AddRange(FindIn(script, context));
                history.Apply(statement);
                foreach (var change in RowChange.Updates(context).Concat(RowChange.Deletes(context)))
                    history.MarkChanged(change.Table);
                foreach (var emptied in Rules.Truncate.Tables(context))
                    history.MarkChanged(emptied);
            }
        }

        return findings;
    }

    private static List<MigrationFinding> FindIn(SqlScript script, StatementContext context)
    {
        var findings = AllRules.SelectMany(rule => rule.Find(context).Select(effect => Finding(rule, effect, script, context))).ToList();
        foreach (var inner in RoutineBody.Statements(context.Statement))
        {
            var body = context with { Statement = inner, InBody = true };
            findings.AddRange(AllRules.SelectMany(rule => rule.Find(body).Select(effect => Finding(rule, RoutineBody.Judge(context.Statement, effect), script, body))));
        }

        return findings;
    }

    private static MigrationFinding Finding(IAnalysisRule rule, Effect effect, SqlScript script, StatementContext context) => new()
    {
        Rule = rule.Id,
        Severity = effect.HarmlessBecause is null ? rule.Severity : FindingSeverity.Info,
        File = script.File,
        Line = context.Statement.Line,
        Statement = context.Statement.Ordinal,
        Object = effect.Object,
        Message = effect.HarmlessBecause is null ? effect.Does : $"{effect.Does}: {effect.HarmlessBecause}",
        Remedy = effect.Remedy,
        InBody = context.InBody,
        Question = effect.HarmlessBecause is null ? effect.Question : null,
    };
}
