using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>What a statement brings about by routines, triggers and rules of the set, and by what these call and raise in turn.</summary>
/// <param name="analyse">The findings of scripts of their own.</param>
internal sealed class HiddenEffects(RoutineHistory routines, RaisedHistory raised, Func<IReadOnlyList<SqlScript>, IEnumerable<MigrationFinding>> analyse)
{
    /// <summary>False: what only the live database knows is left out.</summary>
    public bool AsksDatabase { get; set; }

    private readonly BoundedCache<(string Text, string Kind), Reach> reaches = new();

    /// <summary>What the function of a trigger does at all, for one kind of change, and each time.</summary>
    private sealed record Reach(HashSet<(string Rule, string Object)> All, HashSet<(string Rule, string Object)> Reached, HashSet<(string Rule, string Object)> Certain);

    /// <param name="Via">Such as <c>in f, which is called</c>.</param>
    /// <param name="Finding">What was found where it stands; or</param>
    /// <param name="Change">what a trigger makes of a change of rows; or</param>
    /// <param name="Unknown">a function that the set has not made.</param>
    internal sealed record HiddenEffect(string Via, MigrationFinding? Finding, RowChange? Change, FunctionCall? Unknown)
    {
        /// <summary>It happens where this moves rows between partitions.</summary>
        public RowEvent? Moved { get; init; }

        /// <summary>It happens where this table is a partition of that of the statement, or inherits from it. Null: it depends on no such thing.</summary>
        public PartOf? PartOf { get; init; }

        /// <summary>Only the live database knows whether it happens.</summary>
        public bool IsUncertain => PartOf is not null || Moved is { IsMoveUncertain: true };
    }

    private readonly record struct Visited(HashSet<string> Routines, HashSet<(RaisedHistory.Handler Handler, RowEvent Event, bool IsInTrigger)> Handlers, HashSet<RowEvent> Events)
    {
        /// <summary>pg_trigger_depth() is not 0.</summary>
        public bool IsInTrigger { get; init; }
    }

    /// <summary>The changes of rows that stand in what was last asked for, beside those of the statement.</summary>
    public IReadOnlyCollection<RowEvent> Followed { get; private set; } = [];

    public IReadOnlyList<HiddenEffect> Of(IEnumerable<string> calls, IEnumerable<RowEvent> events)
    {
        var (effects, visited) = (new List<HiddenEffect>(), new Visited(new(StringComparer.Ordinal), [], []));
        foreach (var name in routines.IsEmpty ? [] : calls)
            Call(effects, name, routines.IsDomain(name) ? $"in a check of domain {name}, which is evaluated" : $"in {name}, which is called", visited);
        foreach (var of in events)
            Raise(effects, of, null, visited);
        Followed = visited.Events;
        return [.. effects.OrderBy(d => d.PartOf is not null).ThenBy(d => d.IsUncertain).GroupBy(d => (d.Finding?.Rule, d.Finding?.Message, d.Change, d.Unknown))
            .SelectMany(same => same.First() is { IsUncertain: false } certain ? [certain] : same.DistinctBy(d => d.PartOf))];
    }

    /// <summary>All triggers and rules: what is not seen may raise any of them.</summary>
    public IReadOnlyList<HiddenEffect> OfAny()
    {
        var (effects, visited) = (new List<HiddenEffect>(), new Visited(new(StringComparer.Ordinal), [], []));
        foreach (var handler in raised.All)
            Handle(effects, handler, null, $"in {handler.Words}, which it may fire", visited);
        return [.. effects.Where(d => d.Finding is not null).DistinctBy(d => (d.Finding!.Rule, d.Finding.Message))];
    }

    private void Call(List<HiddenEffect> effects, string name, string via, Visited visited)
    {
        if (!visited.Routines.Add(visited.IsInTrigger ? $"{name}\n" : name))
            return;
        foreach (var does in routines.Of(name))
            Follow(effects, does, via, visited);
    }

    private void Raise(List<HiddenEffect> effects, RowEvent of, string? via, Visited visited)
    {
        var (first, isMove) = (effects.Count, of.MovedBy is not null);
        foreach (var handler in raised.Of(of).Where(h => (!isMove || h.Trigger is { IsRow: true }) && Holds(h.Trigger, visited) != false))
        {
            // What only may happen does not stand for what happens.
            if (visited.Handlers.Add((handler, of, visited.IsInTrigger)))
                Handle(effects, handler, of, via ?? $"in {handler.Words}, which is {(handler.Kind == ObjectKind.Table ? "evaluated" : "fired")}{(isMove ? RowEvent.WhereMoved : "")}", isMove ? visited with { Routines = [.. visited.Routines], Handlers = [.. visited.Handlers] } : visited);
        }

        // What a trigger does in turn is followed for the tables that it names.
        foreach (var (handler, part) in via is null ? raised.OfParts(of).Where(p => AsksDatabase || p.Part is null) : [])
        {
            var from = effects.Count;
            if (Holds(handler.Trigger, visited) != false)
                Handle(effects, handler, of, $"in {handler.Words}, which is fired{(isMove ? RowEvent.WhereMoved : "")}", visited with { Routines = [.. visited.Routines], Handlers = [.. visited.Handlers], Events = part is null ? visited.Events : [] });
            for (var i = from; part is not null && i < effects.Count; i++)
                effects[i] = effects[i] with { PartOf = new PartOf(of.Table, part, of.Kind == "insert") };
        }

        foreach (var (handler, kind) in via is null && AsksDatabase ? raised.OfReferring(of) : [])
        {
            var from = effects.Count;
            if (Holds(handler.Trigger, visited with { IsInTrigger = true }) != false)
                Handle(effects, handler, Referring(handler.Table, kind), $"in {handler.Words}, which a foreign key of its table fires", visited with { Routines = [.. visited.Routines], Handlers = [.. visited.Handlers], Events = [] });
            for (var i = from; i < effects.Count; i++)
                effects[i] = effects[i] with { PartOf = new PartOf(of.Table, handler.Table, false) { By = new ByKey(of.Kind, kind, string.Concat((of.Change?.Columns ?? []).Select(c => c + "\n"))) } };
        }

        for (var i = first; isMove && i < effects.Count; i++)
            effects[i] = effects[i].Moved is null ? effects[i] with { Moved = of } : effects[i];
    }

    /// <summary>Which rows these are is not known.</summary>
    private static RowEvent Referring(RelationName table, string kind) =>
        new(table, kind, new RowChange(kind == "delete" ? RowChangeKind.Delete : RowChangeKind.Update, table, table.Sql, null, Joins: true) { IsUncountable = true });

    private static bool? Holds(TriggerParts? trigger, Visited visited) => trigger is null ? true : visited.IsInTrigger ? trigger.Holds.Inside : trigger.Holds.AtTop;

    private void Handle(List<HiddenEffect> effects, RaisedHistory.Handler handler, RowEvent? of, string via, Visited visited)
    {
        if (handler.Actions is { } actions)
            Follow(effects, actions, via, visited);
        if (handler.Trigger is not { } trigger)
            return;
        if (!routines.IsOfSet(trigger.Function) && !routines.Of(trigger.Function).Any())
            effects.Add(new HiddenEffect(via, null, null, new FunctionCall(trigger.Function.Schema, trigger.Function.Name, 0)));
        var assigned = routines.Of(trigger.Function).SelectMany(d => d.Assigned).ToList();
        if (trigger.IsBeforeRow && of is { Kind: "update", Change: { } change } && assigned.Count > 0)
        {
            var assigning = Assigning(change, assigned);
            effects.Add(new HiddenEffect(via, null, assigning, null));
            // What it assigns can be a partition key.
            if (visited.Events.Add(new RowEvent(of.Table, "update", assigning)))
            {
                foreach (var kind in new[] { "delete", "insert" })
                    Raise(effects, new RowEvent(of.Table, kind, assigning) { MovedBy = assigning.Columns, IsMoveUncertain = true }, null, visited);
            }
        }

        var isConditional = Holds(trigger, visited) is null;
        visited = visited with { IsInTrigger = true };
        if (!visited.Routines.Add($"{trigger.Function.Sql}()\n{of?.Kind}\n{isConditional}"))
            return;
        foreach (var does in routines.Of(trigger.Function))
            Follow(effects, of is null ? does : does with { Findings = [.. does.Findings.Select(f => Reached(f, trigger, of.Kind, isConditional)).OfType<MigrationFinding>()] }, via, visited);
    }

    /// <summary>Null: that kind of change does not reach it. What happens only under a condition is not certain, and stops no run: the rehearsal and the counts before the commit show whether it happens.</summary>
    private MigrationFinding? Reached(MigrationFinding finding, TriggerParts trigger, string kind, bool isConditional)
    {
        if (finding.Severity != FindingSeverity.Destructive || routines.TriggerFunction(trigger.Function.Name) is not { } text)
            return finding;
        if (!reaches.TryGetValue((text, kind), out var reach))
        {
            reaches[(text, kind)] = reach = new Reach(
                Does(text, trigger.Function), Does(TriggerBranches.Reached(text, kind), trigger.Function), Does(TriggerBranches.Certain(text, kind), trigger.Function));
        }

        var key = (finding.Rule, finding.Object);
        return !reach.All.Contains(key) || (reach.Certain.Contains(key) && !isConditional) ? finding
            : reach.Reached.Contains(key) ? finding.UnderCondition("the trigger or its function") : null;
    }

    private HashSet<(string Rule, string Object)> Does(string function, RelationName name) =>
        [.. analyse([new SqlScript("", $"{function};\nSELECT {name.Sql}();")]).Where(f => f is { RunsAt: not null, Severity: FindingSeverity.Destructive }).Select(f => (f.Rule, f.Object))];

    private void Follow(List<HiddenEffect> effects, BodyEffects does, string via, Visited visited)
    {
        // What was not known where it stands may have been made since.
        effects.AddRange(does.Findings.Where(f => !(f.Rule == UnknownFunction.RuleId && f.Question is { } q && routines.IsOfSet(q.Relation))).Select(f => new HiddenEffect(via, f, null, null)));
        foreach (var name in does.Calls)
            Call(effects, name, via, visited);
        foreach (var of in does.Events)
        {
            visited.Events.Add(of);
            Raise(effects, of, via, visited);
        }
    }

    private static RowChange Assigning(RowChange change, List<NewValue> assigned)
    {
        var isAny = assigned.Exists(a => a.Column is null);
        return change with
        {
            Columns = isAny ? [] : [.. assigned.Select(a => a.Column!).Distinct()],
            Nulled = isAny ? [] : [.. assigned.Where(a => a.Value == Nullness.Always).Select(a => a.Column!).Distinct()],
            NeverNull = isAny ? [] : [.. assigned.GroupBy(a => a.Column!).Where(g => g.All(a => a.Value == Nullness.Never)).Select(g => g.Key)],
            Defaulted = [],
            Filled = [],
            Filling = [],
            Same = [],
            Computed = [],
            // What the trigger assigns the statement does not show.
            Proposed = null,
        };
    }
}
