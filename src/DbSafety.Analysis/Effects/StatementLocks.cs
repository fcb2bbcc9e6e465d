using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>
/// Which locks a statement takes for one of its effects, and what it does under them
/// (https://www.postgresql.org/docs/current/explicit-locking.html and the pages of the commands), compared with a server in the tests.
/// Readers' locks are left out.
/// </summary>
internal static class StatementLocks
{
    public static IReadOnlyList<TableLock> Of(Effect effect) => effect.Cause switch
    {
        TableAction action => AlterTableLocks.Of(action, (Command.AlterTable)effect.Command),
        ObjectAction action => OfObject(action, (Command.AlterObject)effect.Command),
        RowChange change => Rows(change),
        Command.Truncate truncate => Truncate(effect.Table, truncate),
        Command.CreateTable table => Create(table),
        Command.CreateIndex { IsOnly: true } index => [new TableLock(index.Table, index.IsConcurrent ? LockMode.ShareUpdateExclusive : LockMode.Share, TableWork.Build)],
        Command.CreateIndex index => AlterTableLocks.Down(index.Table, index.IsConcurrent ? LockMode.ShareUpdateExclusive : LockMode.Share, TableWork.Build),
        Command.CreateObject made => Create(made),
        Command.Drop drop => Drop(effect.Object.Name, drop),
        Command.DropOwned => [Beyond(effect.Table, LockMode.AccessExclusive, LockReach.Dependents)],
        Command.LockTables locks => [.. AlterTableLocks.Down(effect.Table, locks.Mode), Beyond(effect.Table, locks.Mode, LockReach.Sources)],
        Command.Describe describe => Describe(describe),
        _ => Maintenance(effect),
    };

    private static TableLock Beyond(RelationName name, LockMode mode, LockReach reach, TableWork work = TableWork.Catalog) => new(name, mode, work) { Reach = reach };

    private static List<TableLock> Rows(RowChange change)
    {
        var locks = AlterTableLocks.Down(change.Table, LockMode.RowExclusive);
        // ON DELETE and ON UPDATE reach the rows that point to these.
        if (change.Kind != RowChangeKind.Insert)
            locks.Add(Beyond(change.Table, LockMode.RowExclusive, LockReach.Referring));
        return locks;
    }

    private static List<TableLock> Truncate(RelationName table, Command.Truncate truncate)
    {
        var locks = truncate.IsOnly ? [new TableLock(table, LockMode.AccessExclusive)] : AlterTableLocks.Down(table, LockMode.AccessExclusive);
        if (truncate.Cascades)
            locks.Add(Beyond(table, LockMode.AccessExclusive, LockReach.Referring));
        if (truncate.Restarts)
            locks.Add(Beyond(table, LockMode.AccessExclusive, LockReach.Sequences));
        return locks;
    }

    /// <summary>No other session uses a new table, but they use those that it references or is a partition of.</summary>
    private static List<TableLock> Create(Command.CreateTable table)
    {
        var locks = new List<TableLock>();
        foreach (var constraint in table.Constraints.Concat(table.Columns.SelectMany(c => c.Constraints)))
            locks.AddRange(AlterTableLocks.Pointing(constraint, table.Name, checksRows: false));
        foreach (var inherited in table.Inherits)
            locks.Add(new TableLock(inherited, LockMode.ShareUpdateExclusive));
        if (table.Parent is not { } parent)
            return locks;
        locks.Add(new TableLock(parent, LockMode.AccessExclusive));
        locks.Add(Beyond(parent, LockMode.AccessExclusive, LockReach.DefaultPartition, TableWork.Scan));
        locks.Add(Beyond(parent, LockMode.ShareRowExclusive, LockReach.Referenced));
        locks.Add(Beyond(parent, LockMode.ShareRowExclusive, LockReach.Referring));
        return locks;
    }

    private static List<TableLock> Create(Command.CreateObject made) => made switch
    {
        { On: { } on, Kind: ObjectKind.Trigger } => AlterTableLocks.Down(on, LockMode.ShareRowExclusive),
        { On: { } on } => [new TableLock(on, LockMode.AccessExclusive)],
        { Kind: ObjectKind.View, Replaces: true, IsTemporary: false } => [new TableLock(made.Name, LockMode.AccessExclusive)],
        _ => [.. made.Tables.SelectMany(t => AlterTableLocks.Down(t, LockMode.ShareUpdateExclusive))],
    };

    private static List<TableLock> Drop(RelationName name, Command.Drop drop)
    {
        if (drop.On is { } on)
            return AlterTableLocks.Down(on, LockMode.AccessExclusive);
        if (drop.Kind == ObjectKind.Statistics)
            return [Beyond(name, LockMode.ShareUpdateExclusive, LockReach.Parts)];
        if (drop is { Kind: ObjectKind.Index, IsConcurrent: true })
            return [new TableLock(name, LockMode.ShareUpdateExclusive), Beyond(name, LockMode.ShareUpdateExclusive, LockReach.Table)];
        if (!ObjectKinds.IsRelation(drop.Kind))
            return drop.Cascades ? [Beyond(name, LockMode.AccessExclusive, LockReach.Dependents)] : [];
        var locks = AlterTableLocks.Down(name, LockMode.AccessExclusive);
        locks.Add(Beyond(name, LockMode.AccessExclusive, drop.Cascades ? LockReach.Dependents : LockReach.Parts));
        if (drop.Kind == ObjectKind.Index)
            locks.Add(Beyond(name, LockMode.AccessExclusive, LockReach.Table));
        else if (drop.Kind is ObjectKind.Table or ObjectKind.ForeignTable)
            locks.Add(Beyond(name, LockMode.AccessExclusive, LockReach.Parent));
        return locks;
    }

    private static List<TableLock> OfObject(ObjectAction action, Command.AlterObject alter) => (alter.Kind, action) switch
    {
        // Only its name changes hands: a policy's or a trigger's table still may not be in use.
        (ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy, _) when alter.On is { } on => [new TableLock(on, LockMode.AccessExclusive)],
        (ObjectKind.Domain, ObjectAction.AddConstraint { Constraint.IsNotValid: false } or ObjectAction.SetNotNull or ObjectAction.ValidateConstraint) =>
            [Beyond(alter.Name, LockMode.Share, LockReach.Users, TableWork.Scan)],
        // Tables OF the type change with it; columns of the type do not.
        (ObjectKind.Type, ObjectAction.AlterAttribute) => [Beyond(alter.Name, LockMode.AccessExclusive, LockReach.Typed, TableWork.Rewrite)],
        (ObjectKind.Type, ObjectAction.DropAttribute or ObjectAction.RenameAttribute or ObjectAction.Other { Words: "add" }) => [Beyond(alter.Name, LockMode.AccessExclusive, LockReach.Typed)],
        (ObjectKind.Role, ObjectAction.Other { Words: "reassign owned" }) => [Beyond(alter.Name, LockMode.AccessExclusive, LockReach.Dependents)],
        (ObjectKind.Publication, ObjectAction.Other { Words: "add" or "set" or "drop" }) =>
            [.. alter.Tables.SelectMany(t => AlterTableLocks.Down(t, LockMode.ShareUpdateExclusive)), Beyond(alter.Name, LockMode.ShareUpdateExclusive, LockReach.Parts)],
        _ => [],
    };

    /// <summary>COMMENT prevents concurrent changes of the definition.</summary>
    private static List<TableLock> Describe(Command.Describe describe) =>
        describe.Table is { } table ? [new TableLock(table, LockMode.ShareUpdateExclusive)]
        : ObjectKinds.IsRelation(describe.Kind) ? [new TableLock(describe.Name, LockMode.ShareUpdateExclusive)] : [];

    private static List<TableLock> Maintenance(Effect effect) => effect.Cause switch
    {
        Command.Vacuum { IsFull: true } => AlterTableLocks.Down(effect.Table, LockMode.AccessExclusive, TableWork.Rewrite),
        Command.Vacuum or Command.Analyze => AlterTableLocks.Down(effect.Table, LockMode.ShareUpdateExclusive, TableWork.Scan),
        Command.Cluster => AlterTableLocks.Down(effect.Table, LockMode.AccessExclusive, TableWork.Rewrite),
        // It does not block readers, only another REFRESH.
        Command.Refresh { IsConcurrent: true } => [new TableLock(effect.Table, LockMode.Exclusive, TableWork.Scan)],
        Command.Refresh => [new TableLock(effect.Table, LockMode.AccessExclusive, TableWork.Rewrite)],
        Command.Reindex reindex => Reindex(effect.Table, reindex),
        _ => [],
    };

    /// <summary>The planner looks at every index of a table, so that readers wait for the index that is rebuilt.</summary>
    private static List<TableLock> Reindex(RelationName name, Command.Reindex reindex)
    {
        var (table, index) = reindex.IsConcurrent ? (LockMode.ShareUpdateExclusive, LockMode.ShareUpdateExclusive) : (LockMode.Share, LockMode.AccessExclusive);
        return reindex.Kind switch
        {
            ObjectKind.Index => [.. AlterTableLocks.Down(name, index), Beyond(name, table, LockReach.Table, TableWork.Build)],
            ObjectKind.Table => [.. AlterTableLocks.Down(name, table, TableWork.Build), Beyond(name, index, LockReach.Indexes)],
            _ => [Beyond(name, index, LockReach.Dependents, TableWork.Build)],
        };
    }
}
