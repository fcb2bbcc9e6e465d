using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Effects;

/// <summary>
/// Which locks statements take on tables, and what they do under them, as PostgreSQL's documentation has it
/// (https://www.postgresql.org/docs/current/sql-altertable.html and explicit-locking.html).
/// </summary>
internal static class TableLocks
{
    public static IReadOnlyList<TableLock> Of(TableAction action, RelationName table) => action switch
    {
        TableAction.AddColumn add => AddColumn(add.Column, table),
        TableAction.AddConstraint add => AddConstraint(add.Constraint, table),
        TableAction.ChangeType or TableAction.Rewrite or TableAction.SetExpression => [new TableLock(table, LockMode.AccessExclusive, TableWork.Rewrite)],
        TableAction.SetNotNull => [new TableLock(table, LockMode.AccessExclusive, TableWork.Scan)],
        TableAction.ValidateConstraint => [new TableLock(table, LockMode.ShareUpdateExclusive, TableWork.Scan)],
        TableAction.SwitchTrigger => [new TableLock(table, LockMode.ShareRowExclusive)],
        TableAction.AttachPartition attach => [new TableLock(table, LockMode.ShareUpdateExclusive), new TableLock(attach.Partition, LockMode.AccessExclusive, TableWork.Scan)],
        TableAction.DetachPartition { IsConcurrent: true } or TableAction.DetachPartition { IsFinalize: true } => [new TableLock(table, LockMode.ShareUpdateExclusive)],
        TableAction.DetachPartition detach => [new TableLock(table, LockMode.AccessExclusive), new TableLock(detach.Partition, LockMode.AccessExclusive)],
        TableAction.Other { Words: "alter column" or "set statistics" or "set" or "reset" or "cluster" or "set without" } => [new TableLock(table, LockMode.ShareUpdateExclusive)],
        _ => [new TableLock(table, LockMode.AccessExclusive)],
    };

    public static IReadOnlyList<TableLock> Of(Command.CreateIndex index) =>
        [new TableLock(index.Table, index.IsConcurrent ? LockMode.ShareUpdateExclusive : LockMode.Share, TableWork.Build)];

    /// <summary>A new table is nobody else's yet, but the tables its foreign keys point to are.</summary>
    public static IReadOnlyList<TableLock> Of(Command.CreateTable table)
    {
        var locks = new List<TableLock>();
        foreach (var constraint in table.Constraints.Concat(table.Columns.SelectMany(c => c.Constraints)))
        {
            if (constraint.Referenced is { } referenced && referenced != table.Name)
                locks.Add(new TableLock(referenced, LockMode.ShareRowExclusive));
        }

        if (table.Parent is { } parent)
            locks.Add(new TableLock(parent, LockMode.AccessExclusive));
        return locks;
    }

    /// <summary>A default that is the same for all rows is kept in the catalog, from PostgreSQL 11 on.</summary>
    private static List<TableLock> AddColumn(ColumnDefinition column, RelationName table)
    {
        var rewrites = column.VolatileFunction is not null || column.IsIdentity || column.IsSerial || column.Generation == ColumnGeneration.Stored;
        var builds = column.Constraints.Any(c => c.Kind is ConstraintKind.Unique or ConstraintKind.PrimaryKey);
        var scans = column.Constraints.Any(c => c is { Kind: ConstraintKind.Check, IsNotValid: false }) || column is { IsNotNull: true, FillsItself: false };
        List<TableLock> locks = [new TableLock(table, LockMode.AccessExclusive, rewrites ? TableWork.Rewrite : builds ? TableWork.Build : scans ? TableWork.Scan : TableWork.Catalog)];
        foreach (var constraint in column.Constraints)
        {
            if (constraint.Referenced is { } referenced && referenced != table)
                locks.Add(new TableLock(referenced, LockMode.ShareRowExclusive));
        }

        return locks;
    }

    private static IReadOnlyList<TableLock> AddConstraint(ConstraintDefinition constraint, RelationName table)
    {
        if (constraint.Kind == ConstraintKind.ForeignKey)
        {
            var work = constraint.IsNotValid ? TableWork.Catalog : TableWork.Scan;
            return constraint.Referenced is { } referenced
                ? [new TableLock(table, LockMode.ShareRowExclusive, work), new TableLock(referenced, LockMode.ShareRowExclusive)]
                : [new TableLock(table, LockMode.ShareRowExclusive, work)];
        }

        return
        [
            new TableLock(table, LockMode.AccessExclusive, constraint.Kind switch
            {
                _ when constraint.UsingIndex is not null || constraint.IsNotValid => TableWork.Catalog,
                ConstraintKind.Check or ConstraintKind.NotNull => TableWork.Scan,
                _ => TableWork.Build,
            }),
        ];
    }
}
