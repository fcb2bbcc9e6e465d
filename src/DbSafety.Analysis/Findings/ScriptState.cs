using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What the statements of one script, up to here, have done to its session and transaction.</summary>
internal sealed class ScriptState
{
    /// <summary>Of one table (https://www.postgresql.org/docs/current/limits.html).</summary>
    private const int MostColumns = 1600;

    private readonly BoundedCache<RelationName, List<string>> droppedColumns = new();
    private readonly BoundedCache<RelationName, List<string>> addedColumns = new();
    private readonly BoundedCache<(RelationName Table, string? Column), bool> created = new();
    private readonly HashSet<string> temporary = new(StringComparer.Ordinal);
    private readonly HashSet<string> temporaryViews = new(StringComparer.Ordinal);
    private readonly HashSet<string> createdSchemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RelationName> addedLabels = new(StringComparer.Ordinal);
    private readonly HashSet<string> createdTypes = new(StringComparer.Ordinal);

    /// <param name="session">Null without a database.</param>
    public ScriptState(SessionPath? session = null) => SearchPath = new SearchPath(Settings, session);

    /// <summary>False if the session's own search path names pg_temp: then no table is taken for a temporary one.</summary>
    public bool SearchesTemporaryFirst { get; init; } = true;

    /// <summary>What the script has set.</summary>
    public ScriptSettings Settings { get; } = new();

    public SearchPath SearchPath { get; }

    /// <summary>There are other statements in the script.</summary>
    public bool HasSeveral { get; set; }

    /// <summary>Its tool is asked to run it without a transaction.</summary>
    public bool AsksForNoTransaction { get; init; }

    /// <summary>Inside the script's own BEGIN.</summary>
    public bool IsInTransaction { get; private set; }

    /// <summary>Where the script's own transaction that is still open began; null if none is.</summary>
    public (int Line, int Ordinal)? Begun { get; set; }

    /// <summary>The script has ended the transaction that a tool runs it in.</summary>
    public bool HasCommitted { get; private set; }

    /// <summary>In the script's own transaction, or in that which many tools send several statements in.</summary>
    public bool MayBeInTransaction => IsInTransaction || (HasSeveral && !HasCommitted && !AsksForNoTransaction);

    /// <summary>The locks of the open transaction that others wait for.</summary>
    public HeldLocks Held { get; } = new();

    /// <summary>The statement whose reads the rule has looked for last: a statement has many effects.</summary>
    public SqlStatement? LastRead { get; set; }

    /// <summary>The columns that the statement looked at last drops and adds: a statement has many effects.</summary>
    public ColumnPairs? Pairs { get; set; }

    /// <summary>What the open transaction knows of the columns that it has added or filled.</summary>
    public NewColumns Columns { get; } = new();

    /// <summary>The rule about it has spoken for this transaction.</summary>
    public bool WorkUnderLockIsSaid { get; set; }

    /// <summary>SET lock_timeout stands above, and holds.</summary>
    public bool HasLockTimeout => Settings.Of("lock_timeout") is [not "0", ..];

    /// <summary>SET TIME ZONE stands above, and holds.</summary>
    public bool SetsTimeZone => Settings.Of("timezone") is not null || Settings.IsUnknown("timezone");

    /// <summary>The locks that findings of the statement at hand name, in words.</summary>
    public HashSet<string> LocksSaid { get; } = new(StringComparer.Ordinal);

    /// <summary>The rule about it has spoken for this script.</summary>
    public bool LockTimeoutIsSaid { get; set; }

    /// <summary>The statement that rule enum-value-used-in-same-transaction has spoken of last.</summary>
    public SqlStatement? LabelUseIsSaidOf { get; set; }

    /// <summary>Values that were added to enums in the transaction that is still open, and the types.</summary>
    public IReadOnlyDictionary<string, RelationName> AddedLabels => addedLabels;

    /// <summary>The transaction that is still open has created the type.</summary>
    public bool IsCreatedType(RelationName type) => createdTypes.Contains(type.Name);

    /// <summary>The last column of that table that this script dropped, and that no added one was paired with yet.</summary>
    public string? DroppedColumn(RelationName table) => Last(droppedColumns, table);

    /// <summary>The last column of that table that this script added, that nothing filled, and that no dropped one was paired with yet.</summary>
    public string? AddedColumn(RelationName table) => Last(addedColumns, table);

    /// <summary>This script has created the table, for other sessions too.</summary>
    public bool IsCreated(RelationName table) => created.ContainsKey((Key(table), null));

    /// <summary>
    /// The session's own table of that name, which hides others: pg_temp is searched first where the search path does not name it
    /// (https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH).
    /// </summary>
    public bool IsTemporary(RelationName written) => written.Schema is null or "pg_temp" && !SearchPath.IsTouched && temporary.Contains(written.Name);

    /// <summary>The same of a view.</summary>
    public bool IsTemporaryView(RelationName written) => written.Schema is null or "pg_temp" && !SearchPath.IsTouched && temporaryViews.Contains(written.Name);

    /// <summary>It changes the session's own table alone, and leaves the one that this hides as it is.</summary>
    public bool IsOfTemporary(Effect effect) => effect.Cause switch
    {
        Command.Drop { Kind: ObjectKind.Table } or Command.Drop { On: not null } or Command.Truncate or RowChange => IsTemporary(effect.Table),
        TableAction action => action is not (TableAction.Inherit or TableAction.AttachPartition or TableAction.DetachPartition) && effect.Command is Command.AlterTable { Kind: ObjectKind.Table } && IsTemporary(effect.Table),
        Command.CreateIndex index => IsTemporary(index.Table),
        _ => false,
    };

    /// <summary>What a statement does is not seen: it may drop them.</summary>
    public void ForgetTemporary()
    {
        temporary.Clear();
        temporaryViews.Clear();
    }

    /// <summary>This script has created the schema.</summary>
    public bool IsCreatedSchema(string schema) => createdSchemas.Contains(schema);

    /// <summary>This script has added the column to a table that it did not create.</summary>
    public bool IsAdded(RelationName table, string column) => created.ContainsKey((Key(table), column));

    /// <param name="isOnly">The statement says ONLY.</param>
    public void Apply(Effect effect, bool isOnly)
    {
        if (MayBeInTransaction)
            Columns.Apply(effect, Held, isOnly);
        else
            Columns.Clear();
        // After a rollback, or with the transaction (ON COMMIT DROP), they may be gone.
        if (effect.Cause is Command.Transaction { Word: not ("begin" or "start" or "savepoint") } or Command.Drop { Kind: not ObjectKind.Table, Cascades: true } or Command.DropOwned)
            ForgetTemporary();
        if (effect.Cause is Command.Drop { Cascades: true } or TableAction.DropColumn { Cascades: true })
            temporaryViews.Clear();
        switch (effect.Cause)
        {
            case Command.Transaction { Begins: true }:
                (IsInTransaction, HasCommitted, WorkUnderLockIsSaid) = (true, false, false);
                Held.Clear();
                Columns.Clear();
                addedLabels.Clear();
                createdTypes.Clear();
                break;
            case Command.Transaction { Ends: true }:
                Begun = null;
                (IsInTransaction, HasCommitted, WorkUnderLockIsSaid) = (false, true, false);
                Held.Clear();
                Columns.Clear();
                addedLabels.Clear();
                createdTypes.Clear();
                break;
            // It ends the session's transaction, which goes on without it.
            case Command.Transaction { Word: "prepare" }:
                (IsInTransaction, Begun) = (false, null);
                break;
            case Command.CreateTable { Kind: ObjectKind.Table, IsTemporary: true } table when SearchesTemporaryFirst && temporary.Count < MostColumns:
                temporary.Add(table.Name.Name);
                break;
            case Command.CreateObject { Kind: ObjectKind.View, IsTemporary: true } view when SearchesTemporaryFirst && temporaryViews.Count < MostColumns:
                temporaryViews.Add(view.Name.Name);
                break;
            case Command.Drop { Kind: ObjectKind.Table or ObjectKind.View }:
                temporary.Remove(effect.Table.Name);
                temporaryViews.Remove(effect.Table.Name);
                break;
            case TableAction.RenameTo rename when IsOfTemporary(effect):
                temporary.Remove(effect.Table.Name);
                temporary.Add(rename.Name);
                break;
            case TableAction.RenameTo or TableAction.SetSchema:
                temporary.Remove(effect.Table.Name);
                temporaryViews.Remove(effect.Table.Name);
                break;
            case Command.CreateTable { Kind: ObjectKind.Table, IsTemporary: false }:
                created[(Key(effect.Table), null)] = true;
                break;
            case Command.CreateObject { Kind: ObjectKind.Schema, IfNotExists: false } schema when createdSchemas.Count < MostColumns:
                createdSchemas.Add(schema.Name.Name);
                break;
            case Command.CreateObject { Kind: ObjectKind.Type } type:
                createdTypes.Add(type.Name.Name);
                break;
            case ObjectAction.AddValue add:
                addedLabels[add.Label] = effect.Object.Name;
                break;
            case ObjectAction.RenameValue rename when addedLabels.Remove(rename.Label, out var of):
                addedLabels[rename.NewLabel] = of;
                break;
            case ObjectAction.RenameTo rename when effect.Object.Kind == ObjectKind.Type:
                if (createdTypes.Contains(effect.Object.Name.Name))
                    createdTypes.Add(rename.Name);
                foreach (var label in addedLabels.Where(l => l.Value == effect.Object.Name).Select(l => l.Key).ToList())
                    addedLabels[label] = effect.Object.Name with { Name = rename.Name };
                break;
            case TableAction.DropColumn drop:
                Pair(addedColumns, droppedColumns, effect.Table, drop.Column);
                break;
            case TableAction.AddColumn add:
                if (!IsCreated(effect.Table))
                    created[(Key(effect.Table), add.Column.Name)] = true;
                Pair(droppedColumns, addedColumns, effect.Table, add.Column.Name);
                break;
            case RowChange { Kind: RowChangeKind.Update } change:
                if (addedColumns.TryGetValue(change.Table, out var added))
                    added.RemoveAll(change.Columns.Contains);
                break;
        }
    }

    private static RelationName Key(RelationName table) => table.Schema is null ? table with { Schema = "public" } : table;

    private static string? Last(BoundedCache<RelationName, List<string>> columns, RelationName table) =>
        columns.TryGetValue(table, out var of) && of.Count > 0 ? of[^1] : null;

    /// <summary>One that goes and one that comes make a pair, and are no part of another.</summary>
    private static void Pair(BoundedCache<RelationName, List<string>> others, BoundedCache<RelationName, List<string>> own, RelationName table, string column)
    {
        if (others.TryGetValue(table, out var waiting) && waiting.Count > 0)
            waiting.RemoveAt(waiting.Count - 1);
        else if (!own.TryGetValue(table, out var columns))
            own[table] = [column];
        else
            columns.Add(column);
        // No table has had more.
        if (own.TryGetValue(table, out var all) && all.Count > MostColumns)
            all.RemoveAt(0);
    }
}
