using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

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
    private readonly List<MigrationFinding> whenCalled = [];
    private readonly RoutineHistory routines = new();
    private readonly SchemaHistory history;
    private readonly string defaultSchema;
    private readonly int? serverMajor;
    private readonly IAnalysisRule[] rules;
    private readonly IAnalysisRule[] lastRules;
    private readonly IAnalysisRule[] unasked;

    /// <summary>For scripts that are one set: a table made in one of them is known to be new in those behind it.</summary>
    /// <param name="serverMajor">The version they are to run on; null where that is not known: then what fits 12 to 18.</param>
    /// <param name="withInformation">Rules that only inform are asked too.</param>
    public MigrationAnalyser(string defaultSchema = "public", int? serverMajor = null, bool withInformation = true)
    {
        (this.defaultSchema, this.serverMajor, history) = (defaultSchema, serverMajor, new SchemaHistory(defaultSchema));
        rules = [.. AllRules.Where(r => !r.SpeaksLast && (withInformation || r.Severity != FindingSeverity.Info))];
        lastRules = [.. AllRules.Where(r => r.SpeaksLast)];
        unasked = [.. AllRules.Except(rules).Except(lastRules)];
    }

    public static IReadOnlyList<IAnalysisRule> Rules => AllRules;

    public static IReadOnlyList<string> RuleIds { get; } = [.. AllRules.Select(r => r.Id)];

    /// <summary>All findings of a set of scripts.</summary>
    public static IReadOnlyList<MigrationFinding> Analyse(IEnumerable<SqlScript> scripts, string defaultSchema = "public", int? serverMajor = null)
    {
        var analyser = new MigrationAnalyser(defaultSchema, serverMajor);
        return [.. scripts.SelectMany(s => analyser.Read(s, ScriptSurvey.Of(s)))];
    }

    /// <summary>
    /// The findings of the set's next script, statement by statement: neither the script nor what is found is ever in memory as a whole.
    /// What undoes is read on its own: it meets what the others have left, and leaves nothing to them.
    /// </summary>
    public IEnumerable<MigrationFinding> Read(SqlScript script, ScriptSurvey survey, CancellationToken ct = default)
    {
        var run = new Course(history, new ScriptState { AsksForNoTransaction = survey.AsksForNoTransaction }, IsUndo: false);
        var undo = new Course(new SchemaHistory(defaultSchema), new ScriptState { AsksForNoTransaction = survey.AsksForNoTransaction }, IsUndo: true);
        using var window = script.Open();
        SqlStatement? held = null;
        // One is held back: the first must know whether it is the only one.
        foreach (var statement in SqlSplitter.Read(window, survey.LastRowsEnd).Append(null))
        {
            ct.ThrowIfCancellationRequested();
            run.State.HasSeveral |= held is not null && statement is not null;
            if (held is not null)
                Analyse(script, held, script.IsUndo || survey.Undo.Contains(held.Position) ? undo : run);
            foreach (var finding in findings)
                yield return finding;
            findings.Clear();
            held = statement;
        }
    }

    private void Analyse(SqlScript script, SqlStatement statement, Course course)
    {
        var (made, state, isUndo) = course;
        var context = new StatementContext(statement, made, state) { DefaultSchema = defaultSchema, ServerMajor = serverMajor, IsUndo = isUndo, Routines = routines };
        var command = CommandParser.Parse(statement, state.SearchPath.Schema);
        var effects = EffectReader.Read(command);
        var written = state.SearchPath.Schema is null ? effects : EffectReader.Read(CommandParser.Parse(statement, null));
        for (var i = 0; i < effects.Count; i++)
            Judge(script, effects[i], Naming(context, effects, written, i), null);
        foreach (var call in OutsideEffects.Read(statement, command))
            Judge(script, call, context, null);
        state.IsSpokenOf = findings.Exists(f => f.Severity != FindingSeverity.Info);
        for (var i = 0; i < effects.Count; i++)
            JudgeLast(script, effects[i], Naming(context, effects, written, i));
        AnalyseCalls(script, context, command, null);
        AnalyseBody(script, context, command, depth: 1);
        whenCalled.Clear();
        // What no rule knows is said too.
        if (findings.Count == 0 && !effects.Exists(e => Array.Exists(unasked, r => r.Judge(e, context) is not null)))
            Judge(script, EffectReader.Read(new Command.Unknown())[0], context, null);
        foreach (var effect in effects)
        {
            made.Apply(effect);
            state.Apply(effect);
        }

        state.SearchPath.Apply(command);
    }

    /// <summary>What a function holds happens when it is called, not when it is made. Bodies stand in bodies: DO blocks that make functions, for one.</summary>
    private void AnalyseBody(SqlScript script, StatementContext outer, Command command, int depth, string? harmless = null)
    {
        harmless ??= command is Command.DoBlock ? null : "it stands in a routine's body and happens only when that is called";
        var first = whenCalled.Count;
        if (outer.Statement.IsAbridged && RoutineBody.Has(command))
        {
            Judge(script, EffectReader.Read(new Command.ExecuteText("the body is too long"))[0], outer with { InBody = true }, harmless);
            return;
        }

        foreach (var inner in RoutineBody.Statements(outer.Statement, command))
        {
            var body = outer with { Statement = inner, InBody = true };
            var does = depth > DeepestBody ? new Command.ExecuteText("it stands in bodies within bodies") : CommandParser.ParseInBody(inner, outer.Script.SearchPath.Schema);
            var effects = EffectReader.Read(does);
            var written = depth > DeepestBody || outer.Script.SearchPath.Schema is null ? effects : EffectReader.Read(CommandParser.ParseInBody(inner, null));
            for (var i = 0; i < effects.Count; i++)
                Judge(script, effects[i], Naming(body, effects, written, i), harmless);
            foreach (var call in OutsideEffects.Read(inner, does))
                Judge(script, call, body, harmless);
            // Whether and when it runs is not told.
            if (effects.Exists(e => e.Cause is TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema or ObjectAction.RenameTo))
                outer.History.ForgetNames();
            AnalyseCalls(script, body, does, harmless);
            AnalyseBody(script, body, does, depth + 1, harmless);
        }

        if (command is Command.CreateObject { Kind: ObjectKind.Function or ObjectKind.Procedure } routine && !outer.IsUndo)
            routines.Make(outer.Statement, routine.Name, whenCalled[first..]);
        else if (command is Command.CreateObject { Kind: ObjectKind.Aggregate } aggregate && !outer.IsUndo)
            routines.MakeAggregate(aggregate.Name);
    }

    private static StatementContext Naming(StatementContext context, List<Effect> effects, List<Effect> written, int at) =>
        ReferenceEquals(effects, written) ? context : context with { Written = written[at].Table };

    /// <summary>What stands in the bodies of routines that the set made happens when they are called. It is told at the place where it stands.</summary>
    private void AnalyseCalls(SqlScript script, StatementContext context, Command command, string? harmless)
    {
        foreach (var (routine, finding) in routines.CalledBy(context.Statement, command))
        {
            if (harmless is not null)
                whenCalled.Add(finding);
            else if (!context.IsUndo)
            {
                findings.Add(finding with
                {
                    Message = $"{finding.Message}, in {routine}, which is called in line {context.Statement.Line}{(finding.File == script.File ? "" : $" of {script.File}")}",
                    RunsAt = (script.File, context.Statement.Ordinal),
                });
            }
        }
    }

    private void Judge(SqlScript script, Effect effect, StatementContext context, string? harmless)
    {
        foreach (var rule in rules)
        {
            if (rule.Judge(effect, context) is not { } verdict)
                continue;
            findings.Add(Finding(rule, verdict, script, effect, context, verdict.HarmlessBecause ?? harmless));
            if (harmless is not null && verdict.HarmlessBecause is null && rule.Severity != FindingSeverity.Info)
                whenCalled.Add(Finding(rule, verdict, script, effect, context, null));
        }
    }

    private void JudgeLast(SqlScript script, Effect effect, StatementContext context)
    {
        foreach (var rule in lastRules)
        {
            if (rule.Judge(effect, context) is { } verdict)
                findings.Add(Finding(rule, verdict, script, effect, context, verdict.HarmlessBecause));
        }
    }

    private static MigrationFinding Finding(IAnalysisRule rule, Verdict verdict, SqlScript script, Effect effect, StatementContext context, string? reason)
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
            // Of a condition that is not all there the answer would be another.
            Question = harmless is not null ? null : context.Statement.IsAbridged ? RowQuestion.OfAll(verdict.Question) : verdict.Question,
            MayBeMissing = MayBeMissing(effect, context),
            IsNameUncertain = context.Script.SearchPath.IsTouched && (context.Written ?? effect.Table).Schema is null && effect.Object.Kind != ObjectKind.Schema,
            Written = NamesItself(rule, verdict) ? context.Written ?? effect.Table : null,
            WrittenColumn = verdict.Question?.Column is null ? null : effect.Object.Part,
        };
    }

    /// <summary>What was dropped before is not named again; nor is an enum's predecessor.</summary>
    private static bool NamesItself(IAnalysisRule rule, Verdict verdict) =>
        rule.Id != "drop-and-recreate" && verdict.Question is { Kind: LiveFactKind.Rows or LiveFactKind.RowsWhere or LiveFactKind.Values or LiveFactKind.Changed or LiveFactKind.SchemaRows };

    private static bool MayBeMissing(Effect effect, StatementContext context)
    {
        var isForeseen = effect.Cause is Command.Drop { IfExists: true } or TableAction.DropColumn { IfExists: true } or Command.CreateTable or Command.CreateObject or TableAction.AddColumn or ObjectAction.RenameTo
            || effect.Command is Command.AlterTable { IfExists: true };
        // Where the search path was set, IF NOT EXISTS may have looked elsewhere than it is thought.
        return isForeseen || (context.History.IsMadeIfMissing(effect.Table) && !context.Script.SearchPath.IsTouched);
    }
}
