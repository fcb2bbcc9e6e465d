using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Raised;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis;

/// <summary>Runs every rule over every effect of every statement, in order. It does no I/O.</summary>
internal sealed class MigrationAnalyser
{
    private static readonly IAnalysisRule[] AllRules =
        [.. typeof(IAnalysisRule).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IAnalysisRule)))
            .Select(t => (IAnalysisRule)Activator.CreateInstance(t)!)
            .OrderBy(r => r.Id, StringComparer.Ordinal)];

    private static readonly IAnalysisRule KeyRule = AllRules.Single(r => r is ForeignKeyWithoutIndex);

    /// <summary>Bodies nested deeper than that are reported as opaque.</summary>
    private const int DeepestBody = 8;

    /// <summary>The rules about rules have spoken of it already.</summary>
    private const string InRule = "it is an action of a rule and runs only when the rule is applied";

    private static readonly Effect Doubtful = EffectReader.Read(new Command.ExecuteText(StringReading.Doubt))[0];

    /// <summary>Statements that are run one after the other, and what those before have done.</summary>
    private sealed record Course(SchemaHistory History, ScriptState State, bool IsUndo);

    private readonly List<MigrationFinding> findings = [];
    private readonly BodyEffects.Collected whenCalled = new();
    private readonly RoutineHistory routines;
    private readonly RaisedHistory raised;
    private readonly HiddenEffects hidden;
    private readonly SchemaHistory history;
    private readonly string defaultSchema;
    private readonly int? serverMajor;
    private readonly IAnalysisRule[] rules;
    private readonly IAnalysisRule[] lastRules;
    private readonly IAnalysisRule[] unasked;
    private readonly StyleRule[] styleRules;
    private readonly ForeignKeyIndexes foreignKeys;
    private readonly FindingBuilder builder;
    private readonly HashSet<LiveComputed> computed = [];
    private bool pathIsUncertain;

    /// <summary>For scripts that are one set: a table made in one of them is known to be new in those behind it.</summary>
    /// <param name="serverMajor">The version they are to run on; null if that is not known: then what fits 12 to 18.</param>
    /// <param name="withInformation">Rules that only inform are asked too.</param>
    /// <param name="withStyle">So are those that give advice for designs.</param>
    public MigrationAnalyser(string defaultSchema = "public", int? serverMajor = null, bool withInformation = true, bool withStyle = false)
    {
        (this.defaultSchema, this.serverMajor, history) = (defaultSchema, serverMajor, new SchemaHistory(defaultSchema));
        (routines, raised) = (new RoutineHistory(defaultSchema), new RaisedHistory(defaultSchema));
        builder = new FindingBuilder(routines, raised);
        hidden = new HiddenEffects(routines, raised, scripts => Analyse(scripts, defaultSchema));
        foreignKeys = new ForeignKeyIndexes(defaultSchema);
        styleRules = withStyle ? [.. AllRules.OfType<StyleRule>()] : [];
        rules = [.. AllRules.Where(r => r is not (StyleRule or LateRule) && !r.SpeaksLast && (withInformation || r.Severity != FindingSeverity.Info))];
        lastRules = [.. AllRules.Where(r => r.SpeaksLast && (withInformation || r.Severity != FindingSeverity.Info))];
        unasked = [.. AllRules.Except(rules).Except(lastRules).Where(r => r is not (StyleRule or LateRule))];
    }

    public static IReadOnlyList<IAnalysisRule> Rules => AllRules;

    /// <summary>The live database is asked about what is found.</summary>
    public bool AsksDatabase
    {
        get => hidden.AsksDatabase;
        init => hidden.AsksDatabase = value;
    }

    /// <summary>standard_conforming_strings is, or can be, off in a session that the next script is run in.</summary>
    public bool StringsAreUncertain { get; set; }

    /// <summary>The search path of the session does not name pg_temp, so that temporary tables hide others.</summary>
    public bool SearchesTemporaryFirst { get; init; } = true;

    public static IReadOnlyList<string> RuleIds { get; } = [.. AllRules.Select(r => r.Id)];

    /// <summary>Which schemas the session searches; null without a database.</summary>
    public SessionPath? Session { get; init; }

    /// <summary>All findings of a set of scripts.</summary>
    public static IReadOnlyList<MigrationFinding> Analyse(IEnumerable<SqlScript> scripts, string defaultSchema = "public", int? serverMajor = null, bool withStyle = false) =>
        new MigrationAnalyser(defaultSchema, serverMajor, withStyle: withStyle).Analyse(scripts);

    /// <summary>All findings of a set of scripts.</summary>
    public IReadOnlyList<MigrationFinding> Analyse(IEnumerable<SqlScript> scripts) =>
        [.. scripts.SelectMany(s => Read(s, ScriptSurvey.Of(s))), .. Finish()];

    /// <summary>What only the end of the set shows.</summary>
    public IReadOnlyList<MigrationFinding> Finish() => foreignKeys.TakeUncovered();

    /// <summary>
    /// The findings of the set's next script, statement by statement: neither the script nor what is found is ever in memory as a whole.
    /// What undoes is read on its own: it meets what the others have left, and leaves nothing to them.
    /// </summary>
    public IEnumerable<MigrationFinding> Read(SqlScript script, ScriptSurvey survey, CancellationToken ct = default)
    {
        var run = new Course(history, new ScriptState(Session) { AsksForNoTransaction = survey.AsksForNoTransaction, SearchesTemporaryFirst = SearchesTemporaryFirst }, IsUndo: false);
        if (pathIsUncertain)
            run.State.SearchPath.MarkUnknown();
        var undo = new Course(new SchemaHistory(defaultSchema), new ScriptState(Session) { AsksForNoTransaction = survey.AsksForNoTransaction, SearchesTemporaryFirst = SearchesTemporaryFirst }, IsUndo: true);
        using var window = script.Open();
        SqlStatement? held = null;
        var strings = new StringReading(false, StringsAreUncertain);
        // One is held back: the first must know whether it is the only one.
        foreach (var statement in SqlSplitter.Read(window, survey.LastRowsEnd, strings: strings).Append(null))
        {
            ct.ThrowIfCancellationRequested();
            strings = statement?.StringsAfter ?? strings;
            run.State.HasSeveral |= held is not null && statement is not null;
            if (held is not null)
                Analyse(script, held, statement, survey, script.IsUndo || survey.Undo.Contains(held.Position) ? undo : run);
            foreach (var finding in findings)
                yield return finding;
            findings.Clear();
            held = statement;
        }

        StringsAreUncertain |= strings.IsUncertain;
        foreach (var course in new[] { run, undo })
        {
            if (course.State.Begun is { } begun)
                yield return TransactionNotCommitted.Finding(script, begun, course.IsUndo);
        }
    }

    private void Analyse(SqlScript script, SqlStatement statement, SqlStatement? next, ScriptSurvey survey, Course course)
    {
        var (made, state, isUndo) = course;
        var context = new StatementContext(statement, made, state) { DefaultSchema = defaultSchema, ServerMajor = serverMajor, IsUndo = isUndo, AsksDatabase = AsksDatabase, Routines = routines, Next = next, RolledBackIn = survey.RolledBack.LineOf(statement.Ordinal) };
        var command = CommandParser.Parse(statement, state.SearchPath.Schema);
        var effects = EffectReader.Read(command);
        var written = state.SearchPath.Schema is null ? effects : EffectReader.Read(CommandParser.Parse(statement, null));
        state.LocksSaid.Clear();
        routines.IsPathTouched |= state.SearchPath.IsTouched;
        for (var i = 0; i < effects.Count; i++)
        {
            var before = findings.Count;
            JudgeSeen(script, effects[i], Naming(context, effects, written, i), null);
            if (serverMajor is not null && findings.Count > before && context.IsOwn(effects[i]) is null)
                findings[before] = findings[before] with { Dependents = LiveDependents.Of(effects[i], context) };
        }

        foreach (var call in OutsideEffects.Read(statement, command))
            Judge(script, call, context, null);
        if (statement.HasUncertainStrings)
            Judge(script, Doubtful, context, null);
        for (var i = 0; i < effects.Count; i++)
            JudgeLast(script, effects[i], Naming(context, effects, written, i));
        JudgeComputed(script, context, command, null);
        AnalyseHidden(script, context, command, null);
        AnalyseBody(script, context, command, depth: 1);
        // What is not seen can change the rows of any table.
        if (!isUndo && findings.Exists(f => f is { Severity: FindingSeverity.Opaque, Rule: "dynamic-sql" or UnknownFunction.RuleId, PartOf: null }))
            ReportHidden(script, context, hidden.OfAny(), command);
        if (!isUndo)
            Remember(script, context, command, isCertain: true);
        whenCalled.Clear();
        var isSeen = !findings.Exists(f => f is { Severity: FindingSeverity.Opaque, PartOf: null });
        // What no rule knows is reported too.
        if (findings.Count == 0 && !command.Changes.Any(raised.IsReplaced) && !effects.Exists(e => Array.Exists(unasked, r => r.Judge(e, context) is not null)))
            Judge(script, EffectReader.Read(new Command.Unknown())[0], context, null);
        if (computed.Count > 0 && findings.Count > 0)
        {
            var at = Math.Max(findings.FindIndex(f => f is { Moved: null, PartOf: null }), 0);
            findings[at] = findings[at] with { Computes = [.. computed] };
        }

        computed.Clear();
        JudgeSet(script, command, effects, context, isUndo);
        if (!isSeen || WritesMore(command, made) || BodyEffects.CallsOf(statement, command).Any(c => routines.Of(c).Any()) || findings.Exists(f => f is { RunsAt: not null, PartOf: null } && !IsNoted(f, made.Written)))
            made.LoseRows();
        if (command is Command.Copy { IsInput: true } copy)
            made.Write(copy.Table, RowChangeKind.Insert);
        if (MayRename(statement, command))
            made.LoseNames();
        made.Catalog.Apply(statement, command, effects, isSeen);
        if (!effects.Any(state.IsOfTemporary))
            made.Types.Uses.Note(statement, command, made.IsCreated, isCertain: true);
        if (!isSeen || BodyEffects.CallsOf(statement, command).Any(c => routines.Of(c).Any()))
            made.Types.Uses.LoseTrack();
        var isOnly = statement.Contains("only");
        if (!isSeen || RoutineBody.Has(command) || command is Command.Call or Command.Unknown || statement.StartsWith("discard") || findings.Exists(f => f is { RunsAt: not null, PartOf: null }))
            state.ForgetTemporary();
        for (var i = 0; i < effects.Count; i++)
        {
            var effect = effects[i];
            // The table that it hides stays.
            if (!state.IsOfTemporary(effect))
                made.Apply(effect, isNameKnown: effect.Table.Schema is not null || !state.SearchPath.IsUnknown);
            state.Apply(effect, isOnly);
            if (isUndo)
                continue;
            foreignKeys.Apply(effect);
            Session?.Apply(effect, isCertain: true);
        }

        // Outside a transaction it is gone already.
        if (command is Command.CreateTable { IsTemporary: true } && statement.Contains("commit") && statement.Contains("drop"))
            state.ForgetTemporary();

        if (command is Command.Transaction { Begins: true })
            state.Begun = (statement.Line, statement.Ordinal);

        state.Settings.Apply(statement);
        // Of roles and databases, for their next sessions.
        pathIsUncertain |= statement.StartsWith("alter") && statement.Tokens.Count > 2 && (statement.Tokens[1].Is("database") || statement.Tokens[1].Is("role") || statement.Tokens[1].Is("user") || statement.Tokens[1].Is("system")) && statement.Contains("search_path");
        if (BodyEffects.CallsOf(statement, command).Any(routines.SetsPath))
            state.SearchPath.MarkUnknown();
    }

    /// <summary>Code that is not read, or that renames, runs; what is static in a block of PL/pgSQL is read where it stands.</summary>
    private bool MayRename(SqlStatement statement, Command command) => findings.Exists(f => f is { Severity: FindingSeverity.Opaque, PartOf: null, Rule: not "do-block" } || (f.RunsAt is not null && f.Rule.StartsWith("rename-", StringComparison.Ordinal)))
        || (command is Command.DoBlock && statement.Tokens.SkipWhile(t => !t.Is("language")).Skip(1).FirstOrDefault() is { Length: > 0 } language && language.Value is not "plpgsql")
        || BodyEffects.CallsOf(statement, command).Any(c => routines.Of(c).Any(d => d.Findings.Any(f => f.Rule.StartsWith("rename-", StringComparison.Ordinal))));

    /// <summary>Advice, and what cannot be judged before the end of the set.</summary>
    private void JudgeSet(SqlScript script, Command command, List<Effect> effects, StatementContext context, bool isUndo)
    {
        foreach (var rule in effects.Count == 0 ? [] : styleRules)
            findings.AddRange(rule.JudgeAll(effects, context).Select(verdict => builder.Build(rule, verdict, script, effects[0], context, null)));
        foreach (var effect in isUndo ? [] : effects)
        {
            foreach (var key in ForeignKeyIndexes.Of(effect))
            {
                var verdict = ForeignKeyWithoutIndex.Verdict(key, effect.Table, command is Command.CreateTable { IfNotExists: false } || (command is Command.CreateTable && serverMajor is null), context);
                foreignKeys.Add(effect.Table, key, builder.Build(KeyRule, verdict, script, effect, context, verdict.HarmlessBecause));
            }
        }

        if (foreignKeys.IsFull)
            findings.AddRange(foreignKeys.TakeUncovered());
    }

    /// <summary>What a function holds happens when it is called, not when it is made. Bodies stand in bodies: DO blocks that make functions, for one.</summary>
    private void AnalyseBody(SqlScript script, StatementContext outer, Command command, int depth, string? harmless = null)
    {
        harmless ??= command switch
        {
            Command.DoBlock => null,
            Command.CreateObject { Kind: ObjectKind.Rule } => InRule,
            _ => "it is in the body of a routine and runs only when the routine is called",
        };
        var first = whenCalled.Mark;
        if (outer.Statement.IsAbridged && RoutineBody.Has(command))
        {
            Judge(script, EffectReader.Read(new Command.ExecuteText("the body is too long"))[0], outer with { InBody = true }, harmless);
            return;
        }

        var path = (command is Command.DoBlock ? null : SearchPath.OfRoutine(outer.Statement)) ?? outer.Script.SearchPath.Schema;
        var setsPath = false;
        if (command is Command.DoBlock && outer.Statement.Text.Contains(ScriptSettings.ReplicationRole, StringComparison.OrdinalIgnoreCase))
            outer.Script.Settings.MarkUnknown(ScriptSettings.ReplicationRole);
        foreach (var inner in RoutineBody.Statements(outer.Statement, command))
        {
            var body = outer with { Statement = inner, Next = null, InBody = true, InRoutine = harmless is not null, IsPathUnknown = outer.IsPathUnknown || setsPath };
            var does = depth > DeepestBody ? new Command.ExecuteText("the bodies are nested too deeply") : CommandParser.ParseInBody(inner, path);
            var effects = EffectReader.Read(does);
            var written = depth > DeepestBody || path is null ? effects : EffectReader.Read(CommandParser.ParseInBody(inner, null));
            for (var i = 0; i < effects.Count; i++)
                JudgeSeen(script, effects[i], Naming(body, effects, written, i), harmless);
            foreach (var call in OutsideEffects.Read(inner, does))
                Judge(script, call, body, harmless);
            if (inner.HasUncertainStrings)
                Judge(script, Doubtful, body, harmless);
            for (var i = 0; i < effects.Count && harmless is null; i++)
                JudgeLast(script, effects[i], Naming(body, effects, written, i));
            if (does is Command.CreateIndex)
                foreignKeys.Apply(effects[0]);
            // Whether and when it runs is not known.
            if (effects.Exists(e => e.Cause is TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema or ObjectAction.RenameTo))
            {
                outer.History.ForgetNames();
                outer.History.Catalog.LoseNames();
            }

            outer.History.Types.Uses.Note(inner, does, outer.History.IsCreated, isCertain: false);
            effects.ForEach(outer.History.Catalog.NoteNames);
            effects.ForEach(e => outer.History.NoteSwitched(e, isCertain: false));
            setsPath |= SearchPath.IsSetBy(inner, does) || outer.Script.SearchPath.IsChangedBy(does, effects) || BodyEffects.CallsOf(inner, does).Any(routines.SetsPath);
            JudgeComputed(script, body, does, harmless);
            AnalyseHidden(script, body, does, harmless);
            AnalyseBody(script, body, does, depth + 1, harmless);
            if (harmless is null)
            {
                effects.ForEach(e => Session?.Apply(e, isCertain: false));
                effects.ForEach(e => outer.History.NoteTies(e, isCertain: false));
                effects.ForEach(outer.History.NoteWritten);
                outer.History.Types.NoteConditional(does);
            }

            if (harmless is null && (WritesMore(does, outer.History) || BodyEffects.CallsOf(inner, does).Any(c => routines.Of(c).Any())))
                outer.History.LoseRows();
            if (!outer.IsUndo)
                Remember(script, body, does, isCertain: false);
        }

        if (setsPath && command is Command.DoBlock)
            outer.Script.SearchPath.MarkUnknown();
        if (outer.IsUndo)
            return;
        if (setsPath && command is Command.CreateObject { Kind: ObjectKind.Function or ObjectKind.Procedure } setter)
            routines.MarkSetsPath(setter.Name.Name);
        if (command is Command.CreateObject { Kind: ObjectKind.Function or ObjectKind.Procedure } routine)
        {
            routines.Make(outer.Statement, routine.Name, whenCalled.Since(first));
            if (AsksDatabase)
                routines.KeepDefinition(outer.Statement, WithSchema(routine.Name), isCertain: !outer.InBody && !outer.Script.SearchPath.IsUnknown);
        }
        else if (command is Command.CreateObject { Kind: ObjectKind.Aggregate } aggregate)
            routines.MakeAggregate(aggregate.Name);
        else if (command is Command.CreateObject { Kind: ObjectKind.Rule, On: { } on } rule && RuleActions.Of(outer.Statement) is { } actions)
        {
            raised.Add(new RaisedHistory.Handler(on, rule.Name.Name, ObjectKind.Rule, $"rule {rule.Name.Display(defaultSchema)} on {outer.Display(on)}", new HashSet<string> { actions.Event }, actions.IsInstead)
            {
                Actions = whenCalled.Since(first),
            });
        }
    }

    /// <summary>It changes values of a table of which any value counts as changed, or deletes rows of one that has lost rows.</summary>
    private bool IsNoted(MigrationFinding finding, WrittenTables written) => (finding.Updates?.Table ?? finding.Question?.Relation ?? finding.Written) is { } table && finding.Rule switch
    {
        "update-rows" or "update-without-where" => written.Columns.Any(c => c.Column == WrittenColumn.Any && WithSchema(c.Table) == WithSchema(table)),
        "delete-rows" or "delete-without-where" => written.Removed.Any(t => WithSchema(t) == WithSchema(table)),
        _ => false,
    };

    /// <summary>Whether triggers and rules of the set write more rows than can be seen; those that their functions name, and what they assign to the row itself, are noted.</summary>
    private bool WritesMore(Command command, SchemaHistory history)
    {
        var (queue, seen) = (new Queue<RowEvent>(RowEvent.Of(command, history)), new HashSet<RowEvent>());
        while (queue.TryDequeue(out var of))
        {
            foreach (var handler in raised.Of(of))
            {
                if (of.Cascades || handler.Trigger is not { } trigger || routines.ChangesIn(trigger.Function) is not { } changes)
                    return true;
                if (of.Kind == "update")
                    history.Write(of.Table, RowChangeKind.Update);
                foreach (var change in changes.Where(seen.Add))
                {
                    if (change.MovedBy is null)
                        history.Write(change.Table, change.Kind switch { "insert" => RowChangeKind.Insert, "update" => RowChangeKind.Update, _ => RowChangeKind.Delete });
                    queue.Enqueue(change);
                }
            }
        }

        return false;
    }

    /// <summary>The triggers and views that a statement makes, drops and renames. A rule is remembered with its actions.</summary>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    private void Remember(SqlScript script, StatementContext context, Command command, bool isCertain)
    {
        var (history, schema) = (context.History, context.Script.SearchPath.Schema);
        RememberStored(script, context, command);
        switch (command)
        {
            case Command.CreateObject { Kind: ObjectKind.Trigger, On: { } on } made when TriggerParts.Of(context.Statement) is { } parts:
                raised.Add(new RaisedHistory.Handler(on, made.Name.Name, ObjectKind.Trigger, $"trigger {made.Name.Display(defaultSchema)} on {context.Display(on)}", parts.Events, parts.IsInstead) { Trigger = parts });
                break;
            case Command.CreateObject { Kind: ObjectKind.EventTrigger } when TriggerParts.Of(context.Statement) is { } parts:
                // Any definition raises it.
                ReportHidden(script, context, hidden.Of([parts.Function.Name], []), command);
                break;
            case Command.CreateObject { Kind: ObjectKind.Operator or ObjectKind.Cast } made:
                routines.MakeCaller(context.Statement, made.Kind, schema);
                break;
            case Command.CreateTable made:
                history.NotePartitions(made, context.Statement);
                if (made.Parent is { } parent)
                    raised.NotePartition(made.Name, parent);
                break;
            case Command.CreateObject { Kind: ObjectKind.View } made:
                history.MakeView(made.Name, CreatedView.Of(context.Statement, schema, history.View), made.IsTemporary, isCertain);
                break;
            case Command.CreateObject { Kind: ObjectKind.Rule, On: { } on } when RuleActions.Of(context.Statement) is { Event: "select" }:
                history.MakeView(on, CreatedView.OfRule(context.Statement, schema, history.View), isTemporary: false, isCertain);
                break;
            case Command.Drop { Kind: ObjectKind.Trigger or ObjectKind.Rule, On: { } on } drop when isCertain:
                foreach (var name in drop.Names)
                    raised.Drop(drop.Kind, on, name.Name);
                break;
            case Command.AlterObject { Kind: ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine } alter:
                foreach (var rename in alter.Actions.OfType<ObjectAction.RenameTo>())
                {
                    routines.Rename(alter.Name, alter.Name with { Name = rename.Name });
                    routines.NoteRenamed(WithSchema(alter.Name));
                    routines.NoteRenamed(WithSchema(alter.Name with { Name = rename.Name }));
                }

                foreach (var move in alter.Actions.OfType<ObjectAction.SetSchema>())
                {
                    routines.Rename(alter.Name, alter.Name with { Schema = move.Schema });
                    routines.NoteRenamed(WithSchema(alter.Name));
                }

                break;
            case Command.Transaction { Word: "rollback" or "rollback to" or "abort" }:
                routines.Doubt();
                break;
            case Command.AlterTable alter:
                foreach (var action in alter.Actions)
                {
                    if (action is TableAction.RenameTo rename)
                        raised.Rename(alter.Name, alter.Name with { Name = rename.Name });
                    else if (action is TableAction.SetSchema move)
                        raised.Rename(alter.Name, alter.Name with { Schema = move.Schema });
                    else if (action is TableAction.AttachPartition attach)
                        raised.NotePartition(attach.Partition, alter.Name);
                }

                break;
        }
    }

    private RelationName WithSchema(RelationName name) => name.Schema is null ? name with { Schema = defaultSchema } : name;

    /// <summary>A change of the rows of a view that the set creates is one of the rows behind it.</summary>
    private void JudgeSeen(SqlScript script, Effect effect, StatementContext context, string? harmless)
    {
        if (effect.Cause is not RowChange { Kind: not RowChangeKind.Insert } change || context.History.View(change.Table) is not { } view)
        {
            if (!JudgeTied(script, effect, context, harmless) || context.History.IsLive(effect.Table))
                Judge(script, effect, context, harmless);
            return;
        }

        if (view.IsUncertain && !context.IsTemporaryView(change.Table))
            Judge(script, effect, context, harmless);
        if (!raised.IsReplaced(change))
            Judge(script, effect with { Cause = view.Behind(change) }, context, harmless);
    }

    /// <summary>What it does to tables that statements of the set have made children of its table, or have refer to it; false: there are none.</summary>
    private bool JudgeTied(SqlScript script, Effect effect, StatementContext context, string? harmless)
    {
        var (history, before) = (context.History, findings.Count);
        foreach (var table in TiedEffect.Reaches(effect, context.Statement) ? effect.Cause is Command.Truncate { Cascades: true } ? history.LiveReferring(effect.Table) : history.LiveBelow(effect.Table) : [])
        {
            var from = findings.Count;
            Judge(script, TiedEffect.Of(effect, table), context with { Written = table }, harmless);
            var via = history.LiveBelow(effect.Table).Contains(table) ? $", which earlier statements make a child of {context.Display(effect.Table)}" : $", which references {context.Display(effect.Table)} because of earlier statements";
            for (; from < findings.Count; from++)
                findings[from] = findings[from] with { Message = findings[from].Message + via, Plain = findings[from].Plain + via };
        }

        return findings.Count > before;
    }

    private static StatementContext Naming(StatementContext context, List<Effect> effects, List<Effect> written, int at) =>
        ReferenceEquals(effects, written) ? context : context with { Written = written[at].Table };

    /// <summary>
    /// What is in the bodies of routines that the set created happens when they are called, and what is in its rules and triggers when they are raised. It is reported
    /// at the place where it stands.
    /// </summary>
    private void AnalyseHidden(SqlScript script, StatementContext context, Command command, string? harmless)
    {
        var views = BodyEffects.From(context.Statement, command) is null || !context.History.HasViews ? [] : ViewsIn(context).ToList();
        List<RelationName> functions = BodyEffects.From(context.Statement, command) is null ? []
            : [.. views.Select(v => v.Query).Prepend(context.Statement).SelectMany(s => routines.HiddenIn(s.Tokens, context.Script.SearchPath.Schema)).Distinct()];
        var calls = BodyEffects.From(context.Statement, command) is null ? [] : BodyEffects.CallsOf(context.Statement, command).Concat(views.SelectMany(v => BodyEffects.CallsOf(v.Query, v.Read)))
            .Concat(views.Select(v => v.Query).Prepend(context.Statement).SelectMany(s => routines.DomainsIn(s.Tokens))).Concat(functions.Select(f => f.Name));
        foreach (var (view, query, read) in views)
            AnalyseView(script, context, view, query, read, harmless);
        foreach (var function in functions)
            Judge(script, new Effect(EffectKind.Run, new SqlObject(ObjectKind.Function, function), new OutsideCall.Of(new FunctionCall(function.Schema, function.Name, 0), null)) { Command = command }, context, harmless);
        if (harmless is not null)
            whenCalled.Add(context.Statement, calls, RowEvent.Of(command, context.History));
        else if (!context.IsUndo)
        {
            ReportHidden(script, context, hidden.Of(calls, RowEvent.Of(command, context.History)), command);
            if (AsksDatabase)
                computed.UnionWith(LiveComputed.Of(hidden.Followed.Concat(RowEvent.ByKeys(command, context.History)), context));
        }
    }

    private void AnalyseView(SqlScript script, StatementContext context, RelationName view, SqlStatement query, Command read, string? harmless)
    {
        var before = findings.Count;
        foreach (var call in OutsideEffects.Read(query, read))
            Judge(script, call, context, harmless);
        for (; before < findings.Count; before++)
            findings[before] = findings[before] with { Message = $"{findings[before].Message}, by view {context.Display(view)}", Plain = $"{findings[before].Plain}, by view {context.Display(view)}" };
        if (AsksDatabase && harmless is null && !context.IsUndo)
            computed.UnionWith(LiveComputed.Of(read, context with { Statement = query }));
    }

    /// <summary>The views of the set that a statement names, and those that these read: what their queries call, it calls.</summary>
    private static IEnumerable<(RelationName View, SqlStatement Query, Command Read)> ViewsIn(StatementContext context)
    {
        var (schema, queue, seen) = (context.Script.SearchPath.Schema, new Queue<SqlStatement>([context.Statement]), new HashSet<RelationName>());
        while (queue.TryDequeue(out var statement))
        {
            var cursor = new TokenCursor(statement.Tokens);
            for (var i = 0; i < statement.Tokens.Count; i++)
            {
                if (!statement.Tokens[i].IsName || (i > 0 && statement.Tokens[i - 1].IsMark('.')))
                    continue;
                cursor.BackTo(i);
                if (cursor.TakeRelation(schema) is not { } name || context.History.View(name) is not { } view || !seen.Add(name) || SqlSplitter.Split(view.Query) is not [var query])
                    continue;
                yield return (name, query, CommandParser.Parse(query, schema));
                queue.Enqueue(query);
            }
        }
    }

    /// <summary>What PostgreSQL computes at once for the rows that are there, by the statement's own definitions and by those of the live database.</summary>
    private void JudgeComputed(SqlScript script, StatementContext context, Command command, string? harmless)
    {
        foreach (var call in StoredExpression.Read(context.Statement, command).Where(s => s.IsComputedNow).SelectMany(s => OutsideEffects.Of(s, command)))
            Judge(script, call, context, harmless);
        if (AsksDatabase && harmless is null && !context.IsUndo)
            computed.UnionWith(LiveComputed.Of(command, context));
    }

    /// <summary>What definitions of the set call happens when rows are written, or a value becomes one of a domain.</summary>
    private void RememberStored(SqlScript script, StatementContext context, Command command)
    {
        foreach (var stored in StoredExpression.Read(context.Statement, command))
        {
            var first = whenCalled.Mark;
            foreach (var call in OutsideEffects.Of(stored, command))
            {
                whenCalled.AddCall(call.Object.Name.Name);
                Judge(script, call, context, InRule);
            }

            foreach (var domain in routines.DomainsIn(stored.Tokens))
                whenCalled.AddCall(domain);
            var does = whenCalled.TakeSince(first);
            if (does.IsNothing)
                continue;
            if (stored.IsOfDomain)
                routines.MakeDomain(stored.Of, does);
            else
                raised.Add(new RaisedHistory.Handler(stored.Of, stored.Words, ObjectKind.Table, $"{stored.Words} of {context.Display(stored.Of)}", stored.Events, IsInstead: false) { Actions = does });
        }
    }

    private void ReportHidden(SqlScript script, StatementContext context, IReadOnlyList<HiddenEffects.HiddenEffect> hiddenEffects, Command command)
    {
        var before = findings.Count;
        // Without a database nothing shows that a table is partitioned; what the set has made is no partition that it has not made one.
        foreach (var deed in hiddenEffects.Where(d => (AsksDatabase || !d.IsUncertain) && !(d.PartOf is { } of && (context.History.IsCreated(of.Table) || context.History.IsCreated(of.Part)))))
        {
            if (deed.Finding is { } finding)
                findings.Add(finding);
            else if (deed.Change is { } change)
                JudgeSeen(script, new Effect(EffectKind.Rows, new SqlObject(ObjectKind.Table, change.Table), change) { Command = command }, context with { IsRaised = !command.Changes.Any(c => c.Table == change.Table) }, null);
            else if (deed.Unknown is { } function)
                Judge(script, new Effect(EffectKind.Run, new SqlObject(ObjectKind.Function, new RelationName(function.Schema, function.Name)), new OutsideCall.Of(function, null)) { Command = command }, context, null);
            var via = $", {deed.Via} in line {context.Statement.Line}{(findings.Count == before || findings[before].File == script.File ? "" : $" of {script.File}")}";
            for (; before < findings.Count; before++)
            {
                findings[before] = findings[before] with
                {
                    Message = findings[before].Message + via,
                    Plain = findings[before].Plain + via,
                    RunsAt = (script.File, context.Statement.Ordinal),
                    WrittenBefore = context.History.Written,
                    ForeignKeys = context.History.ForeignKeys.Uncertain,
                    Moved = deed.Moved is { IsMoveUncertain: true, MovedBy: { } columns, Table: var table } ? (context.History.Live(table), string.Concat(columns.Select(c => c + "\n"))) : null,
                    PartOf = deed.PartOf is { } part ? part with { Table = context.History.Live(part.Table), Part = context.History.Live(part.Part) } : null,
                };
            }
        }
    }

    private void Judge(SqlScript script, Effect effect, StatementContext context, string? harmless)
    {
        foreach (var rule in rules)
        {
            if (rule.Judge(effect, context) is not { } verdict)
                continue;
            if (FindingBuilder.IsNameUnknown(effect, context))
                verdict = verdict with { HarmlessBecause = null, Question = null, Does = $"{verdict.Does}: the search_path is set at run time, so the table is not known (specify its schema)" };
            if (harmless != InRule)
                findings.Add(builder.Build(rule, verdict, script, effect, context, verdict.HarmlessBecause ?? harmless));
            if (harmless is not null && verdict.HarmlessBecause is null && rule.Severity != FindingSeverity.Info && !IsKept(effect))
                whenCalled.Add(Called(builder.Build(rule, verdict, script, effect, context, null), effect));
        }
    }

    private static MigrationFinding Called(MigrationFinding finding, Effect effect) =>
        IsOfRow(effect) ? finding with { Question = null, Message = $"{finding.Message} (those that the changed row references)" } : finding;

    /// <summary>A trigger keeps values up to date in the rows that belong to the changed one; which these are cannot be counted before.</summary>
    private static bool IsOfRow(Effect effect)
    {
        if (effect.Cause is not RowChange { Kind: RowChangeKind.Update, Where: { } where, Joins: false, Columns.Count: > 0, IsDerived: true }
            || SqlSplitter.Split(where) is not [var only] || only.Contains("or") || only.Contains("not"))
            return false;
        var tokens = only.Tokens;
        return Enumerable.Range(0, tokens.Count).Any(i => tokens[i].IsOperator("=") && ((IsColumnAt(i - 1) && !IsRowAt(i - 3) && IsRowAt(i + 1)) || (IsRowAt(i - 3) && IsColumnAt(i + 1) && !IsRowAt(i + 1))));

        bool IsColumnAt(int at) => at >= 0 && at < tokens.Count && tokens[at].IsName && !tokens[at].Is("true") && !tokens[at].Is("false") && !tokens[at].Is("null");

        bool IsRowAt(int at) => at >= 0 && at + 2 < tokens.Count && (tokens[at].Is("new") || tokens[at].Is("old")) && tokens[at + 1].IsMark('.');
    }

    /// <summary>A trigger that counts, or notes when a row was changed, in the rows that belong to those of the statement.</summary>
    private static bool IsKept(Effect effect) =>
        effect.Cause is RowChange { Kind: RowChangeKind.Update, Where: { } where } change && change.Columns.Count > 0 && change.Columns.All(change.Kept.Contains)
        && (where.Contains("new.", StringComparison.OrdinalIgnoreCase) || where.Contains("old.", StringComparison.OrdinalIgnoreCase));

    private void JudgeLast(SqlScript script, Effect effect, StatementContext context)
    {
        foreach (var rule in lastRules)
        {
            if (rule.Judge(effect, context) is { } verdict)
                findings.Add(builder.Build(rule, verdict, script, effect, context, verdict.HarmlessBecause));
        }
    }
}
