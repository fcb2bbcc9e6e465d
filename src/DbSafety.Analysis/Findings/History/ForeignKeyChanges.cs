using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The foreign keys that the set has added to tables that were there, those that it has dropped, and those that it has switched off, by the names of the live database.</summary>
internal sealed record ForeignKeyChanges
{
    public static readonly ForeignKeyChanges None = new();

    public ImmutableList<AddedForeignKey> Added { get; private init; } = [];

    /// <summary>Those of the set that it has dropped again, until a rollback undoes that.</summary>
    private ImmutableList<AddedForeignKey> Removed { get; init; } = [];

    /// <summary>The constraints that are certain to be gone.</summary>
    public ImmutableHashSet<(RelationName Table, string Name)> Dropped { get; private init; } = [];

    /// <summary>The live constraint that has this name from then on; null: none, or it is not certain which.</summary>
    private ImmutableDictionary<(RelationName Table, string Name), string?> Renamed { get; init; } = ImmutableDictionary<(RelationName Table, string Name), string?>.Empty;

    /// <summary>The referenced tables that had all of their triggers disabled, and with them what foreign keys do when a row is deleted or updated.</summary>
    public ImmutableHashSet<RelationName> Disabled { get; private init; } = [];

    /// <summary>session_replication_role is replica: no foreign key acts.</summary>
    public bool IsReplica { get; init; }

    /// <summary>Only what adds to the losses: that a key is gone or switched off is not certain.</summary>
    public ForeignKeyChanges Uncertain => Dropped.Count + Disabled.Count + Renamed.Count == 0 && !IsReplica ? this : None with { Added = Added, Renamed = Renamed.ToImmutableDictionary(r => r.Key, _ => (string?)null) };

    public ForeignKeyChanges With(AddedForeignKey key) => this with { Added = Added.Add(key) };

    /// <summary>A table of the set has another name.</summary>
    public ForeignKeyChanges WithRenamed(RelationName from, RelationName to) =>
        Added.IsEmpty ? this : this with { Added = Added.ConvertAll(k => k.Key.Referenced == from ? k with { Key = k.Key with { Referenced = to } } : k) };

    /// <param name="table">As the live database calls it.</param>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public ForeignKeyChanges After(Effect effect, RelationName table, bool isCertain) => effect.Cause switch
    {
        TableAction.RenameConstraint rename => WithRenamed(table, rename.Constraint, rename.Name, isCertain),
        TableAction.DropConstraint drop when isCertain => this with
        {
            Added = Added.RemoveAll(k => k.Table == table && k.Name == drop.Name),
            Removed = Removed.AddRange(Added.Where(k => k.Table == table && k.Name == drop.Name)),
            Dropped = LiveName(table, drop.Name) is { } live ? Dropped.Add((table, live)) : Dropped,
        },
        // USER leaves the triggers of foreign keys as they are.
        TableAction.SwitchTrigger { IsRule: false, Trigger: "all", Mode: 'D' } when isCertain => this with { Disabled = Disabled.Add(table) },
        TableAction.SwitchTrigger { IsRule: false, Trigger: not "user", Mode: not 'D' } => this with { Disabled = Disabled.Remove(table) },
        Command.Transaction { Word: "rollback" or "rollback to" or "abort" } => Uncertain with { Added = Added.AddRange(Removed) },
        _ => this,
    };

    private string? LiveName(RelationName table, string name) => Renamed.TryGetValue((table, name), out var live) ? live : name;

    /// <summary>Where it is not certain, neither name is that of a live constraint, and the key of the set stays.</summary>
    private ForeignKeyChanges WithRenamed(RelationName table, string from, string to, bool isCertain) => this with
    {
        Added = isCertain ? Added.ConvertAll(k => k.Table == table && k.Name == from ? k with { Name = to } : k) : Added.ConvertAll(k => k.Table == table && (k.Name == from || k.Name == to) ? k with { Name = null } : k),
        Renamed = Renamed.SetItem((table, to), isCertain ? LiveName(table, from) : null).SetItem((table, from), null),
    };
}

/// <summary>A foreign key of the set.</summary>
/// <param name="Name">Null: PostgreSQL makes one up.</param>
/// <param name="OnDelete">As pg_constraint.confdeltype calls it.</param>
/// <param name="OnUpdate">As pg_constraint.confupdtype calls it.</param>
/// <param name="SetColumns">Those that ON DELETE SET NULL or SET DEFAULT lists; empty: all.</param>
internal sealed record AddedForeignKey(RelationName Table, string? Name, LiveForeignKey Key, char OnDelete, char OnUpdate, IReadOnlyList<string> SetColumns)
{
    /// <summary>The set has added its columns too, without a default: until rows are updated, they contain no values.</summary>
    public bool IsOfNew { get; init; }

    /// <summary>Rows that were there can refer to another one by now.</summary>
    public bool MayRefer(WrittenTables written) => !IsOfNew || written.AreValuesUnseen
        || written.Columns.Any(c => c.Table.Name == Table.Name && (c.Column is null or WrittenColumn.Any || Key.Columns.Contains(c.Column)));
}
