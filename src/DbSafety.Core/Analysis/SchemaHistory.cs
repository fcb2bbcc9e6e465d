using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>
/// What the pending statements have made, renamed and dropped so far. It answers, for a name in a statement, whether the thing
/// was made in the same set (then nothing of value is in it), what the live database calls it, and whether it takes the place of what was dropped.
/// </summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class SchemaHistory(string defaultSchema)
{
    private readonly HashSet<RelationName> created = [];
    private readonly HashSet<(RelationName Table, string Column)> addedColumns = [];
    private readonly HashSet<RelationName> changedTables = [];
    private readonly Dictionary<RelationName, RelationName> liveNames = [];
    private readonly Dictionary<(RelationName Table, string Column), string> liveColumns = [];
    private readonly Dictionary<RelationName, RelationName> droppedTables = [];
    private readonly Dictionary<(RelationName Table, string Column), DroppedColumn> droppedColumns = [];
    private readonly Dictionary<(RelationName Table, string Name), ConstraintDefinition> constraints = [];
    private bool changedUnseen;

    public TypeHistory Types { get; } = new(defaultSchema);

    public bool IsCreated(RelationName table) => created.Contains(Key(table));

    public bool IsAdded(RelationName table, string column) => IsCreated(table) || addedColumns.Contains((Key(table), column));

    /// <summary>Whether earlier statements may have changed the rows of that table, so that the live ones prove nothing.</summary>
    public bool MayHaveChanged(RelationName table) => changedUnseen || changedTables.Contains(Key(table));

    public RelationName Live(RelationName table) => liveNames.GetValueOrDefault(Key(table), table);

    public string LiveColumn(RelationName table, string column) => liveColumns.GetValueOrDefault((Key(table), column), column);

    /// <summary>The old table that bore this name until the set dropped it, as the live database calls it; null where none did.</summary>
    public RelationName? Dropped(RelationName table) => droppedTables.GetValueOrDefault(Key(table));

    /// <summary>The old column that bore this name until the set dropped it; null where none did.</summary>
    public DroppedColumn? Dropped(RelationName table, string column) => droppedColumns.GetValueOrDefault((Key(table), column));

    /// <summary>A constraint that the set itself added; null for others.</summary>
    public ConstraintDefinition? Constraint(RelationName table, string name) => constraints.GetValueOrDefault((Key(table), name));

    /// <summary>A check that the set added and validated has shown that the column holds no nulls.</summary>
    public bool IsProvenNotNull(RelationName table, string column) =>
        constraints.Any(c => c.Key.Table == Key(table) && c.Value is { Kind: ConstraintKind.Check, IsNotValid: false, Expression: { } condition }
            && new TokenCursor(SqlSplitter.Split(condition) is [var only] ? only.Tokens : []) is var cursor
            && cursor.TakeName() == column && cursor.Take("is", "not", "null") && cursor.AtEnd);

    /// <summary>The indexes of tables the set made go with them; of others nothing is known.</summary>
    public bool IsCreatedIndex(RelationName index) => created.Contains(Key(index));

    public void Apply(Effect effect)
    {
        switch (effect.Cause)
        {
            case Command.CreateTable table:
                Make(table);
                break;
            case Command.CreateIndex { Name: { } index, IfNotExists: false } made when IsCreated(made.Table):
                created.Add(Key(made.Table with { Name = index }));
                break;
            case Command.CreateObject { Kind: ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Sequence, IfNotExists: false, Replaces: false } made:
                created.Add(Key(made.Name));
                break;
            case Command.Drop { Kind: ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.ForeignTable or ObjectKind.Sequence or ObjectKind.Index } drop:
                Forget(effect.Object.Name, drop.Kind);
                break;
            case TableAction action when effect.Command is Command.AlterTable { Kind: not ObjectKind.Index }:
                Alter(effect.Object.Name, action);
                break;
            case Command.Truncate:
                changedTables.Add(Key(effect.Table));
                break;
            case RowChange { Kind: not RowChangeKind.Insert } change:
                changedTables.Add(Key(change.Table));
                break;
            case Command.DoBlock or Command.Call or Command.ExecuteText:
                changedUnseen = true;
                break;
        }

        Types.Apply(effect);
    }

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    /// <summary>With IF NOT EXISTS the table may be an old one that is full.</summary>
    private void Make(Command.CreateTable table)
    {
        if (table.IfNotExists)
            return;
        created.Add(Key(table.Name));
        foreach (var constraint in table.Constraints)
        {
            if (constraint.Name is { } name)
                constraints[(Key(table.Name), name)] = constraint;
        }
    }

    private void Forget(RelationName table, ObjectKind kind)
    {
        var key = Key(table);
        if (!created.Remove(key) && kind == ObjectKind.Table)
            droppedTables[key] = Live(table);
        liveNames.Remove(key);
        addedColumns.RemoveWhere(c => c.Table == key);
    }

    private void Alter(RelationName table, TableAction action)
    {
        var key = Key(table);
        switch (action)
        {
            case TableAction.RenameTo rename:
                Rename(table, key with { Name = rename.Name });
                break;
            case TableAction.SetSchema move:
                Rename(table, key with { Schema = move.Schema });
                break;
            case TableAction.RenameColumn rename when addedColumns.Remove((key, rename.Column)):
                addedColumns.Add((key, rename.Name));
                break;
            case TableAction.RenameColumn rename:
                liveColumns[(key, rename.Name)] = LiveColumn(table, rename.Column);
                break;
            case TableAction.AddColumn { IfNotExists: false } add:
                addedColumns.Add((key, add.Column.Name));
                break;
            case TableAction.DropColumn drop:
                if (!addedColumns.Remove((key, drop.Column)) && !created.Contains(key))
                    droppedColumns[(key, drop.Column)] = new DroppedColumn(Live(table), LiveColumn(table, drop.Column));
                break;
            case TableAction.AddConstraint { Constraint: { Name: { } name } constraint }:
                constraints[(key, name)] = constraint;
                break;
            case TableAction.ValidateConstraint validate when constraints.TryGetValue((key, validate.Name), out var known):
                constraints[(key, validate.Name)] = known with { IsNotValid = false };
                break;
            case TableAction.DropConstraint drop:
                constraints.Remove((key, drop.Name));
                break;
        }
    }

    private void Rename(RelationName from, RelationName to)
    {
        var key = Key(from);
        if (created.Remove(key))
        {
            created.Add(to);
        }
        else
        {
            liveNames[to] = Live(from);
            liveNames.Remove(key);
        }

        foreach (var column in addedColumns.Where(c => c.Table == key).ToList())
        {
            addedColumns.Remove(column);
            addedColumns.Add((to, column.Column));
        }

        foreach (var ((table, column), live) in liveColumns.Where(c => c.Key.Table == key).ToList())
        {
            liveColumns.Remove((table, column));
            liveColumns[(to, column)] = live;
        }
    }
}

/// <summary>A column that the set has dropped, as the live database calls it.</summary>
internal sealed record DroppedColumn(RelationName Table, string Column);
