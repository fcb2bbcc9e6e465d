using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>What the statements of the set have created, changed or dropped so far: of that the catalog does not show what a later statement meets.</summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class TouchedObjects(string defaultSchema)
{
    private readonly HashSet<(RelationName Name, string? Part)> all = [];

    /// <summary>Something may have been touched that no statement names, or too much has been to be kept in memory.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>A name may mean another object than in the catalog.</summary>
    public bool HasRenamed { get; private set; }

    public void MarkUncertain() => IsUncertain = true;

    public void Apply(Effect effect)
    {
        if (IsUncertain)
            return;
        if (Of(effect) is not { } touched)
        {
            IsUncertain = true;
            return;
        }

        HasRenamed |= effect.Cause is TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema or ObjectAction.RenameTo or ObjectAction.SetSchema;
        foreach (var (name, part) in touched)
            all.Add((Key(name), part));
        IsUncertain = all.Count > ShortMemory<int, int>.Most;
    }

    /// <summary>That part of it, or all of it.</summary>
    public bool Has(RelationName name, string? part) => all.Contains((Key(name), null)) || (part is not null && all.Contains((Key(name), part)));

    /// <summary>Whether another action of the same statement touches that part of it, or all of it.</summary>
    public bool Touches(Effect other, RelationName name, string? part) =>
        Of(other) is not { } touched || touched.Any(t => Key(t.Name) == Key(name) && (t.Part is null || t.Part == part));

    /// <summary>What is not dropped or renamed is touched only in the part that is added or changed. Null: not known.</summary>
    public static IReadOnlyList<(RelationName Name, string? Part)>? Of(Effect effect) => effect.Cause switch
    {
        TableAction action => OfTable(action, effect.Table),
        Command.CreateIndex index => index.IsUnique ? [(index.Table with { Name = index.Name ?? "" }, null), (index.Table, null)] : [(index.Table with { Name = index.Name ?? "" }, null)],
        Command.CreateObject { Kind: ObjectKind.Extension } or Command.Drop { Cascades: true } or Command.Drop { Kind: ObjectKind.Schema or ObjectKind.Extension } => null,
        Command.CreateTable or Command.CreateObject or Command.Drop => [(effect.Object.Name, effect.Object.Part)],
        ObjectAction when effect.Object.Kind is ObjectKind.Schema or ObjectKind.Extension => null,
        ObjectAction.RenameTo rename => [(effect.Object.Name, null), (effect.Object.Name with { Name = rename.Name }, null)],
        ObjectAction.SetSchema move => [(effect.Object.Name, null), (effect.Object.Name with { Schema = move.Schema }, null)],
        ObjectAction.AddValue add => [(effect.Object.Name, add.Label)],
        ObjectAction => [(effect.Object.Name, null)],
        Command.DropOwned or Command.DoBlock or Command.Call or Command.ExecuteText or Command.Unknown or Command.Transaction { Word: not ("begin" or "start" or "commit" or "end" or "savepoint" or "release") } => null,
        _ => [],
    };

    private static IReadOnlyList<(RelationName Name, string? Part)>? OfTable(TableAction action, RelationName table) => action switch
    {
        TableAction.AddColumn add => add.Column.Constraints.Any(IsKey) ? [(table, null)] : [(table, add.Column.Name), .. add.Column.Constraints.Select(c => (table, c.Name ?? ""))],
        TableAction.SetDefault set => [(table, set.Column)],
        TableAction.DropDefault drop => [(table, drop.Column)],
        TableAction.SetNotNull set => [(table, set.Column)],
        TableAction.DropNotNull drop => [(table, drop.Column)],
        TableAction.ChangeType change => [(table, change.Column)],
        TableAction.SetExpression set => [(table, set.Column)],
        TableAction.AddConstraint { Constraint: var constraint } => IsKey(constraint) ? [(table, null), (table with { Name = constraint.Name ?? "" }, null)] : [(table, constraint.Name ?? "")],
        TableAction.ValidateConstraint or TableAction.SwitchTrigger or TableAction.SwitchRowSecurity or TableAction.SetOptions or TableAction.Restart => [],
        TableAction.RenameTo rename => [(table, null), (table with { Name = rename.Name }, null)],
        TableAction.SetSchema move => [(table, null), (table with { Schema = move.Schema }, null)],
        TableAction.AttachPartition attach => [(table, null), (attach.Partition, null)],
        TableAction.DetachPartition detach => [(table, null), (detach.Partition, null)],
        TableAction.Inherit inherit => [(table, null), (inherit.Parent, null)],
        TableAction.Other { Identity: { } column } => [(table, column)],
        TableAction.Unknown => null,
        _ => [(table, null)],
    };

    /// <summary>A foreign key can refer to it.</summary>
    private static bool IsKey(ConstraintDefinition constraint) => constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique or ConstraintKind.Exclude;

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);
}
