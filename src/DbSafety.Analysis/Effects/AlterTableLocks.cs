using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>
/// Which locks the actions of ALTER TABLE and its like take, and what they do under them
/// (https://www.postgresql.org/docs/current/sql-altertable.html), compared with a server in the tests.
/// </summary>
internal static class AlterTableLocks
{
    /// <summary>Storage parameters that other sessions must not miss; the rest leaves readers and writers alone.</summary>
    private static readonly string[] StrongOptions =
        ["user_catalog_table", "fastupdate", "gin_pending_list_limit", "pages_per_range", "autosummarize", "buffering", "security_barrier", "security_invoker", "check_option"];

    public static IReadOnlyList<TableLock> Of(TableAction action, Command.AlterTable alter) => alter.Kind switch
    {
        ObjectKind.Index => OfIndex(action, alter.Name),
        ObjectKind.Sequence => [new TableLock(alter.Name, action is TableAction.Restart || IsSequenceOption(action) ? LockMode.ShareRowExclusive : LockMode.AccessExclusive)],
        _ => OfTable(action, alter.Name),
    };

    /// <summary>It and its partitions and children: most actions go down to them.</summary>
    public static List<TableLock> Down(RelationName table, LockMode mode, TableWork work = TableWork.Catalog) =>
        [new TableLock(table, mode, work), new TableLock(table, mode, work) { Reach = LockReach.Children }];

    /// <summary>What a foreign key that is added does to the other table.</summary>
    public static List<TableLock> Pointing(ConstraintDefinition constraint, RelationName from, bool checksRows) =>
        constraint.Referenced is { } referenced && referenced != from ? Down(referenced, LockMode.ShareRowExclusive, checksRows ? TableWork.Scan : TableWork.Catalog) : [];

    private static List<TableLock> OfTable(TableAction action, RelationName table) => action switch
    {
        TableAction.AddColumn add => AddColumn(add.Column, table),
        TableAction.DropColumn drop => [.. Down(table, LockMode.AccessExclusive), .. Gone(table, drop.Cascades)],
        TableAction.DropConstraint drop => [.. Down(table, LockMode.AccessExclusive), .. Gone(table, drop.Cascades)],
        TableAction.AddConstraint add => AddConstraint(add.Constraint, table),
        // The foreign keys of the column are re-created, from both ends.
        TableAction.ChangeType => [.. Down(table, LockMode.AccessExclusive, TableWork.Rewrite), new TableLock(table, LockMode.AccessExclusive, TableWork.Scan) { Reach = LockReach.Dependents }],
        TableAction.SetExpression => Down(table, LockMode.AccessExclusive, TableWork.Rewrite),
        TableAction.Rewrite => [new TableLock(table, LockMode.AccessExclusive, TableWork.Rewrite), Sequences(table, LockMode.AccessExclusive)],
        TableAction.SetNotNull => Down(table, LockMode.AccessExclusive, TableWork.Scan),
        TableAction.ValidateConstraint => Down(table, LockMode.ShareUpdateExclusive, TableWork.Scan),
        TableAction.SwitchTrigger { IsRule: false } => Down(table, LockMode.ShareRowExclusive),
        TableAction.AttachPartition attach => Attach(attach.Partition, table),
        TableAction.DetachPartition detach => Detach(detach, table),
        TableAction.Inherit inherit => [new TableLock(table, LockMode.AccessExclusive), new TableLock(inherit.Parent, LockMode.ShareUpdateExclusive)],
        TableAction.SetOptions options => [new TableLock(table, Mode(options))],
        TableAction.Other { Words: "set statistics" or "cluster" } => Down(table, LockMode.ShareUpdateExclusive),
        TableAction.Restart or TableAction.DropDefault or TableAction.Other { Words: "alter column" or "generated always" or "owner" } or TableAction.SetSchema =>
            [.. Down(table, LockMode.AccessExclusive), Sequences(table, LockMode.AccessExclusive)],
        TableAction.SetDefault or TableAction.DropNotNull or TableAction.RenameColumn or TableAction.RenameConstraint => Down(table, LockMode.AccessExclusive),
        TableAction.Other { Words: "defer constraint" or "tighten constraint" } => Down(table, LockMode.AccessExclusive),
        TableAction.Other { Words: "alter constraint" or "enforce constraint" } => [.. Down(table, LockMode.AccessExclusive), .. Gone(table, cascades: false)],
        _ => [new TableLock(table, LockMode.AccessExclusive)],
    };

    private static List<TableLock> OfIndex(TableAction action, RelationName index) => action switch
    {
        TableAction.SetOptions options => [new TableLock(index, Mode(options))],
        TableAction.RenameTo or TableAction.Other { Words: "set statistics" } => [new TableLock(index, LockMode.ShareUpdateExclusive)],
        TableAction.AttachPartition attach => [new TableLock(index, LockMode.ShareUpdateExclusive), new TableLock(attach.Partition, LockMode.AccessExclusive)],
        TableAction.Rewrite => [new TableLock(index, LockMode.AccessExclusive, TableWork.Rewrite)],
        // There is no such thing, and the server refuses it.
        TableAction.DetachPartition => [],
        _ => [new TableLock(index, LockMode.AccessExclusive)],
    };

    /// <summary>A default that is the same for all rows is kept in the catalog, from PostgreSQL 11 on.</summary>
    private static List<TableLock> AddColumn(ColumnDefinition column, RelationName table)
    {
        var rewrites = column.VolatileFunction is not null || column.IsIdentity || column.IsSerial || column.Generation == ColumnGeneration.Stored;
        var builds = column.Constraints.Any(c => c.Kind is ConstraintKind.Unique or ConstraintKind.PrimaryKey);
        var scans = column is { IsNotNull: true, FillsItself: false }
            || column.Constraints.Any(c => !c.IsNotValid && (c.Kind == ConstraintKind.Check || (c.Kind == ConstraintKind.ForeignKey && column.FillsItself)));
        var locks = Down(table, LockMode.AccessExclusive, rewrites ? TableWork.Rewrite : builds ? TableWork.Build : scans ? TableWork.Scan : TableWork.Catalog);
        foreach (var constraint in column.Constraints)
            locks.AddRange(Pointing(constraint, table, column.FillsItself));
        return locks;
    }

    private static List<TableLock> AddConstraint(ConstraintDefinition constraint, RelationName table) => constraint switch
    {
        { Kind: ConstraintKind.ForeignKey } =>
        [
            .. Down(table, LockMode.ShareRowExclusive, constraint.IsNotValid ? TableWork.Catalog : TableWork.Scan), .. Pointing(constraint, table, !constraint.IsNotValid),
            // A partition that has the same one already exchanges it for this one.
            new TableLock(table, LockMode.AccessExclusive) { Reach = LockReach.ReferencedByChildren },
        ],
        { IsNotValid: true } => Down(table, LockMode.AccessExclusive),
        { Kind: ConstraintKind.Check or ConstraintKind.NotNull } => Down(table, LockMode.AccessExclusive, TableWork.Scan),
        // A primary key has its columns made NOT NULL, where they are not yet.
        { UsingIndex: not null } => Down(table, LockMode.AccessExclusive, constraint.Kind == ConstraintKind.PrimaryKey ? TableWork.Scan : TableWork.Catalog),
        _ => Down(table, LockMode.AccessExclusive, TableWork.Build),
    };

    /// <summary>Indexes, foreign keys and triggers of the partitioned table come to the new partition.</summary>
    private static List<TableLock> Attach(RelationName partition, RelationName table) =>
    [
        new TableLock(table, LockMode.ShareUpdateExclusive), .. Down(partition, LockMode.AccessExclusive, TableWork.Build),
        new TableLock(table, LockMode.AccessExclusive, TableWork.Scan) { Reach = LockReach.DefaultPartition },
        new TableLock(table, LockMode.ShareRowExclusive, TableWork.Scan) { Reach = LockReach.Referenced },
        new TableLock(table, LockMode.ShareRowExclusive) { Reach = LockReach.Referring },
        new TableLock(partition, LockMode.AccessExclusive) { Reach = LockReach.Referenced },
    ];

    private static List<TableLock> Detach(TableAction.DetachPartition detach, RelationName table) =>
    [
        new TableLock(table, detach.IsConcurrent || detach.IsFinalize ? LockMode.ShareUpdateExclusive : LockMode.AccessExclusive), .. Down(detach.Partition, LockMode.AccessExclusive),
        new TableLock(table, LockMode.AccessExclusive) { Reach = LockReach.DefaultPartition },
        new TableLock(table, LockMode.ShareRowExclusive) { Reach = LockReach.Referenced },
        new TableLock(table, LockMode.AccessExclusive, TableWork.Scan) { Reach = LockReach.Referring },
    ];

    /// <summary>What goes along with a column or a constraint.</summary>
    private static IEnumerable<TableLock> Gone(RelationName table, bool cascades) =>
        [new TableLock(table, LockMode.AccessExclusive) { Reach = cascades ? LockReach.Dependents : LockReach.Parts }];

    private static TableLock Sequences(RelationName table, LockMode mode) => new(table, mode) { Reach = LockReach.Sequences };

    private static LockMode Mode(TableAction.SetOptions options) => options.Names.Any(StrongOptions.Contains) ? LockMode.AccessExclusive : LockMode.ShareUpdateExclusive;

    private static bool IsSequenceOption(TableAction action) =>
        action is TableAction.Other { Words: "increment" or "minvalue" or "maxvalue" or "start" or "cache" or "cycle" or "owned" or "as" or "no" };
}
