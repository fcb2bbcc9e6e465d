using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>What the statements of one script, up to here, have done to its session and transaction.</summary>
internal sealed class ScriptState
{
    private readonly List<(RelationName Table, string Column)> droppedColumns = [];
    private readonly List<(RelationName Table, string Column)> addedColumns = [];
    private readonly Dictionary<string, RelationName> addedLabels = new(StringComparer.Ordinal);

    public SearchPath SearchPath { get; } = new();

    /// <summary>There are other statements in the script.</summary>
    public bool HasSeveral { get; set; }

    /// <summary>Inside of the script's own BEGIN.</summary>
    public bool IsInTransaction { get; private set; }

    /// <summary>The script has ended the transaction that a tool runs it in.</summary>
    public bool HasCommitted { get; private set; }

    /// <summary>SET lock_timeout stands above.</summary>
    public bool HasLockTimeout { get; private set; }

    /// <summary>The rule about it has spoken for this script.</summary>
    public bool LockTimeoutIsSaid { get; set; }

    /// <summary>The statement that rule enum-value-used-in-same-transaction has spoken of last.</summary>
    public int LabelUseIsSaidOf { get; set; }

    /// <summary>Values that were added to enums in the transaction that is still open, and the types.</summary>
    public IReadOnlyDictionary<string, RelationName> AddedLabels => addedLabels;

    /// <summary>Columns that this script dropped, and that no added one was paired with yet.</summary>
    public IReadOnlyList<(RelationName Table, string Column)> DroppedColumns => droppedColumns;

    /// <summary>Columns that this script added, that nothing filled, and that no dropped one was paired with yet.</summary>
    public IReadOnlyList<(RelationName Table, string Column)> AddedColumns => addedColumns;

    public void Apply(Effect effect)
    {
        switch (effect.Cause)
        {
            case Command.Transaction { Begins: true }:
                (IsInTransaction, HasCommitted) = (true, false);
                addedLabels.Clear();
                break;
            case Command.Transaction { Ends: true }:
                (IsInTransaction, HasCommitted) = (false, true);
                addedLabels.Clear();
                break;
            case Command.Setting { Name: "lock_timeout" } setting:
                HasLockTimeout = setting.Values is [not "0", ..];
                break;
            case ObjectAction.AddValue add:
                addedLabels[add.Label] = effect.Object.Name;
                break;
            case TableAction.DropColumn drop:
                if (!TakeLast(addedColumns, effect.Table))
                    droppedColumns.Add((effect.Table, drop.Column));
                break;
            case TableAction.AddColumn add:
                if (!TakeLast(droppedColumns, effect.Table))
                    addedColumns.Add((effect.Table, add.Column.Name));
                break;
            case RowChange { Kind: RowChangeKind.Update } change:
                addedColumns.RemoveAll(c => c.Table == change.Table && change.Columns.Contains(c.Column));
                break;
        }
    }

    /// <summary>One that goes and one that comes make a pair, and are no part of another.</summary>
    private static bool TakeLast(List<(RelationName Table, string Column)> columns, RelationName table)
    {
        var last = columns.FindLastIndex(c => c.Table == table);
        if (last >= 0)
            columns.RemoveAt(last);
        return last >= 0;
    }
}
