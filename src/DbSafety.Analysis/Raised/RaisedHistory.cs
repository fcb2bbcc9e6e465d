using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>The triggers and rules that the set created, by the table whose rows raise them.</summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class RaisedHistory(string defaultSchema)
{
    private readonly Dictionary<string, List<Handler>> handlers = new(StringComparer.Ordinal);

    private readonly Dictionary<RelationName, RelationName> parents = [];

    /// <param name="Words">Such as <c>trigger t on dummy</c>.</param>
    /// <param name="Function">Of a trigger.</param>
    /// <param name="Actions">Of a rule.</param>
    internal sealed record Handler(RelationName Table, string Name, ObjectKind Kind, string Words, IReadOnlySet<string> Events, bool IsInstead)
    {
        public TriggerParts? Trigger { get; init; }

        public BodyEffects? Actions { get; init; }
    }

    public IEnumerable<Handler> All => handlers.Values.SelectMany(h => h);

    public void Add(Handler handler)
    {
        if (!handlers.TryGetValue(handler.Table.Name, out var of))
            handlers[handler.Table.Name] = of = [];
        of.Add(handler);
    }

    /// <summary>Which tables TRUNCATE … CASCADE reaches only the database knows: it counts as raising the triggers for it of all.</summary>
    public IReadOnlyList<Handler> Of(RowEvent raised) =>
        raised.Cascades ? [.. All.Where(h => h.Events.Contains(raised.Kind))]
        : handlers.TryGetValue(raised.Table.Name, out var of) ? [.. of.Where(h => h.Events.Contains(raised.Kind) && IsSame(h.Table, raised.Table))] : [];

    /// <summary>
    /// The row triggers of other tables, which fire where these are partitions of the table, or inherit from it: the statement need not name them. Null in place of the table where the set has made it
    /// one; else whether it is only the live database knows.
    /// </summary>
    public IEnumerable<(Handler Handler, RelationName? Part)> OfParts(RowEvent raised)
    {
        foreach (var handler in All.Where(h => h.Trigger is { IsRow: true, IsInstead: false } && h.Events.Contains(raised.Kind) && !IsSameTable(h.Table, raised.Table)))
        {
            var top = handler.Table;
            for (var steps = 0; steps < parents.Count && !IsSameTable(top, raised.Table) && parents.TryGetValue(Key(top), out var made); steps++)
                top = made;
            yield return (handler, IsSameTable(top, raised.Table) ? null : top);
        }
    }

    /// <summary>The triggers of other tables, which fire where foreign keys delete or update rows of these. Whether any does only the live database knows.</summary>
    public IEnumerable<(Handler Handler, string Kind)> OfReferring(RowEvent raised) =>
        from handler in raised is { Kind: "delete" or "update", MovedBy: null } ? All : []
        where handler.Trigger is not null && !handler.IsInstead && !IsSameTable(handler.Table, raised.Table)
        from kind in handler.Events
        where kind == "update" || (kind == "delete" && raised.Kind == "delete")
        select (handler, kind);

    /// <summary>PARTITION OF and ATTACH PARTITION.</summary>
    public void NotePartition(RelationName child, RelationName parent) => parents[Key(child)] = parent;

    /// <summary>The rows of a view stay as they are where a rule or trigger acts instead.</summary>
    public bool IsReplaced(RowChange change) =>
        handlers.Count > 0 && Of(new RowEvent(change.Table, change.Kind.ToString().ToLowerInvariant(), change)).Any(h => h.IsInstead && Key(h.Table) == Key(change.Table));

    /// <summary>Only the last one of that name is: under the same name another may have been made and renamed.</summary>
    public void Drop(ObjectKind kind, RelationName table, string name)
    {
        if (handlers.TryGetValue(table.Name, out var of) && of.FindLastIndex(h => h.Kind == kind && h.Name == name && Key(h.Table) == Key(table)) is >= 0 and var at)
            of.RemoveAt(at);
    }

    public void Rename(RelationName from, RelationName to)
    {
        if (!handlers.TryGetValue(from.Name, out var of))
            return;
        foreach (var handler in of.Where(h => Key(h.Table) == Key(from)).ToList())
        {
            of.Remove(handler);
            Add(handler with { Table = to });
        }
    }

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    private static bool IsSameTable(RelationName one, RelationName other) => one.Name == other.Name && IsSame(one, other);

    private static bool IsSame(RelationName one, RelationName other) => one.Schema is null || other.Schema is null || one.Schema == other.Schema;
}
