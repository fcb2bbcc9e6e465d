using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>A script to analyse.</summary>
/// <param name="File">Its path as findings name it.</param>
internal sealed record SqlScript(string File, string Text)
{
    /// <summary>It is run only to undo another.</summary>
    public bool IsUndo { get; init; }
}

/// <summary>Runs every rule over every effect of every statement, in order. It does no I/O.</summary>
internal sealed class MigrationAnalyser
{
    private static readonly IAnalysisRule[] AllRules =
        [.. typeof(IAnalysisRule).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IAnalysisRule)))
            .Select(t => (IAnalysisRule)Activator.CreateInstance(t)!)
            .OrderBy(r => r.Id, StringComparer.Ordinal)];

    /// <summary>What stands in bodies deeper than that is told as opaque.</summary>
    private const int DeepestBody = 8;

    /// <summary>Statements that are run one after the other, and what those before have done.</summary>
    private sealed record Course(SchemaHistory History, ScriptState State, bool IsUndo);

    private readonly List<MigrationFinding> findings = [];
    private readonly string defaultSchema;
    private readonly int? serverMajor;
    private readonly IAnalysisRule[] rules;
    private readonly IAnalysisRule[] lastRules;
    private readonly IAnalysisRule[] unasked;

    private MigrationAnalyser(string defaultSchema, int? serverMajor, bool withInformation)
    {
        (this.defaultSchema, this.serverMajor) = (defaultSchema, serverMajor);
        rules = [.. AllRules.Where(r => !r.SpeaksLast && (withInformation || r.Severity != FindingSeverity.Info))];
        lastRules = [.. AllRules.Where(r => r.SpeaksLast)];
        unasked = [.. AllRules.Except(rules).Except(lastRules)];
    }

    public static IReadOnlyList<IAnalysisRule> Rules => AllRules;

    public static IReadOnlyList<string> RuleIds { get; } = [.. AllRules.Select(r => r.Id)];

    /// <summary>The scripts are one set: a table made in one of them is known to be new in those behind it.</summary>
    /// <param name="serverMajor">The version they are to run on; null where that is not known: then what fits 12 to 18.</param>
    /// <param name="withInformation">Rules that only inform are asked too.</param>
    public static IReadOnlyList<MigrationFinding> Analyse(IEnumerable<SqlScript> scripts, string defaultSchema = "public", int? serverMajor = null, bool withInformation = true)
    {
        var analyser = new MigrationAnalyser(defaultSchema, serverMajor, withInformation);
        var history = new SchemaHistory(defaultSchema);
        foreach (var script in scripts)
            analyser.Analyse(script, history);
        return analyser.findings;
    }

    /// <summary>What undoes is read on its own: it meets what the others have left, and leaves nothing to them.</summary>
    private void Analyse(SqlScript script, SchemaHistory history)
    {
        var parts = UndoParts.Of(script.Text);
        var run = new Course(history, new ScriptState(), IsUndo: false);
        var undo = new Course(new SchemaHistory(defaultSchema), new ScriptState(), IsUndo: true);
        SqlStatement? held = null;
        foreach (var statement in SqlSplitter.Read(script.Text))
        {
            // One is held back: the first must know whether it is the only one.
            if (held is not null)
            {
                run.State.HasSeveral = true;
                Analyse(script, held, CourseOf(held));
            }

            held = statement;
        }

        if (held is not null)
            Analyse(script, held, CourseOf(held));

        Course CourseOf(SqlStatement statement) => script.IsUndo || parts.Contains(statement.Offset) ? undo : run;
    }

    private void Analyse(SqlScript script, SqlStatement statement, Course course)
    {
        var (history, state, isUndo) = course;
        var context = new StatementContext(statement, history, state) { DefaultSchema = defaultSchema, ServerMajor = serverMajor, IsUndo = isUndo };
        var command = CommandParser.Parse(statement, state.SearchPath.Schema);
        var effects = EffectReader.Read(command);
        var first = findings.Count;
        foreach (var effect in effects)
            Judge(script, effect, context, null);
        state.IsSpokenOf = findings.Skip(first).Any(f => f.Severity != FindingSeverity.Info);
        foreach (var effect in effects)
            JudgeLast(script, effect, context);
        AnalyseBody(script, context, command, depth: 1);
        // What no rule knows is said too.
        if (findings.Count == first && !effects.Exists(e => Array.Exists(unasked, r => r.Judge(e, context) is not null)))
            Judge(script, EffectReader.Read(new Command.Unknown())[0], context, null);
        foreach (var effect in effects)
        {
            history.Apply(effect);
            state.Apply(effect);
        }

        state.SearchPath.Apply(command);
    }

    /// <summary>What a function holds happens when it is called, not when it is made. Bodies stand in bodies: DO blocks that make functions, for one.</summary>
    private void AnalyseBody(SqlScript script, StatementContext outer, Command command, int depth, string? harmless = null)
    {
        harmless ??= command is Command.DoBlock ? null : "it stands in a routine's body and happens only when that is called";
        foreach (var inner in RoutineBody.Statements(outer.Statement, command))
        {
            var body = outer with { Statement = inner, InBody = true };
            var does = depth > DeepestBody ? new Command.ExecuteText() : CommandParser.ParseInBody(inner, outer.Script.SearchPath.Schema);
            foreach (var effect in EffectReader.Read(does))
                Judge(script, effect, body, harmless);
            AnalyseBody(script, body, does, depth + 1, harmless);
        }
    }

    private void Judge(SqlScript script, Effect effect, StatementContext context, string? harmless)
    {
        foreach (var rule in rules)
        {
            if (rule.Judge(effect, context) is { } verdict)
                findings.Add(Finding(rule, verdict, script, context, verdict.HarmlessBecause ?? harmless));
        }
    }

    private void JudgeLast(SqlScript script, Effect effect, StatementContext context)
    {
        foreach (var rule in lastRules)
        {
            if (rule.Judge(effect, context) is { } verdict)
                findings.Add(Finding(rule, verdict, script, context, verdict.HarmlessBecause));
        }
    }

    private static MigrationFinding Finding(IAnalysisRule rule, Verdict verdict, SqlScript script, StatementContext context, string? reason)
    {
        var harmless = reason ?? (context.IsUndo ? "it undoes a migration, and is not run by one" : null);
        return new MigrationFinding
        {
            Rule = rule.Id,
            Severity = harmless is null ? rule.Severity : FindingSeverity.Info,
            File = script.File,
            Line = context.Statement.Line,
            Statement = context.Statement.Ordinal,
            Object = verdict.Object,
            Message = harmless is null ? verdict.Does : $"{verdict.Does}: {harmless}",
            Remedy = verdict.SafeSql is null ? verdict.Remedy : $"{verdict.Remedy}\n{verdict.SafeSql}",
            RemedySql = verdict.SafeSql,
            InBody = context.InBody,
            Question = harmless is null ? verdict.Question : null,
        };
    }
}
