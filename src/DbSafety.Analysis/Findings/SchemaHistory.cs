using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>
/// What the pending statements have made, renamed and dropped so far. It answers, for a name in a statement, whether the thing
/// was created in the same set (then nothing of value is in it), what the live database calls it, and whether it takes the place of what was dropped.
/// </summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class SchemaHistory(string defaultSchema)
{
    private const string Temporary = "pg_temp";

    private BoundedCache<RelationName, bool> created = new();
    private BoundedCache<RelationName, PendingTable> tables = new(t => !t.IsRenamed);
    private readonly BoundedCache<RelationName, RelationName> droppedTables = new();
    private readonly Dictionary<RelationName, CreatedView> views = [];
    private readonly Dictionary<RelationName, (bool OnDelete, bool OnUpdate)> referred = [];
    private readonly Dictionary<RelationName, IReadOnlyList<string>> partitionKeys = [];
    private readonly BoundedCache<(RelationName Table, string Column), bool> addedIfMissing = new();
    private readonly HashSet<RelationName> joined = [];
    private bool changedUnseen;
    private bool namesAreUnseen;
    private bool viewsMayBeGone;

    /// <summary>An object that was there may be gone, or another one: what the catalog shows of those that depend on a column is not what a statement meets.</summary>
    public bool HasDroppedObjects { get; private set; }

    public TypeHistory Types { get; private set; } = new(defaultSchema);

    /// <summary>What the set has dropped or replaced, so that it does not stand in conflict of what follows.</summary>
    public DroppedObjects Gone { get; } = new();

    /// <summary>An earlier statement has deleted or changed rows of any table.</summary>
    public bool HasChangedRows { get; private set; }

    /// <summary>Whose rows earlier statements have written.</summary>
    public WrittenTables Written { get; private set; } = WrittenTables.None;

    /// <summary>Whether the catalog shows what a statement meets.</summary>
    public CatalogTrust Catalog { get; } = new();

    public TriggerSwitches Triggers { get; } = new();

    /// <summary>What goes with a schema, apart from what the live database shows.</summary>
    public SchemaUses Uses { get; } = new(defaultSchema);

    /// <summary>Tables whose rows go with those of others, by statements of the set.</summary>
    public TableTies Ties { get; } = new();

    /// <summary>The tables that were there whose rows a statement about that one reaches, because statements of the set have made them its children or partitions.</summary>
    public IReadOnlyList<RelationName> LiveBelow(RelationName table) => [.. Ties.Below(Key(table)).Where(IsLive)];

    /// <summary>The same for all tables of a schema, which DROP SCHEMA … CASCADE drops.</summary>
    public IEnumerable<RelationName> LiveBelowSchema(string schema) => Ties.In(schema).SelectMany(LiveBelow).Distinct();

    /// <summary>As <see cref="LiveBelow"/>, with those that TRUNCATE … CASCADE reaches by foreign keys of the set.</summary>
    public IReadOnlyList<RelationName> LiveReferring(RelationName table) => [.. Ties.Referring(Key(table)).Where(IsLive)];

    /// <summary>It was there before the set.</summary>
    public bool IsLive(RelationName table) => !IsCreated(table) && !joined.Contains(Key(table));

    /// <summary>The foreign keys that a change of rows meets, where they are others than those of the live database.</summary>
    public ForeignKeyChanges ForeignKeys { get; private set; } = ForeignKeyChanges.None;

    /// <summary>A table, with its rows; those of a view are other tables' rows.</summary>
    public bool IsCreated(RelationName table) => created.GetValueOrDefault(Key(table));

    /// <summary>CREATE TABLE IF NOT EXISTS stands above: it is most likely new, but may be an old one.</summary>
    public bool IsCreatedIfMissing(RelationName table) => Known(table)?.IsCreatedIfMissing == true;

    /// <summary>ADD COLUMN IF NOT EXISTS stands above, and no other column can have got this name: it is new if the live database has no column of this name.</summary>
    public bool IsAddedIfMissing(RelationName table, string column) => !namesAreUnseen && LiveColumn(table, column) == column && addedIfMissing.ContainsKey((Key(table), column));

    public bool IsAdded(RelationName table, string column) => IsCreated(table) || Known(table)?.IsAdded(column) == true;

    /// <summary>Whether earlier statements may have changed the rows of that table, so that the live ones prove nothing.</summary>
    public bool MayHaveChanged(RelationName table) => changedUnseen || Known(table)?.MayHaveChanged == true;

    /// <summary>The set created the table, partitioned by one of these columns or by what is not known; no columns stand for any.</summary>
    public bool IsPartitionedBy(RelationName table, IReadOnlyList<string> columns) =>
        partitionKeys.TryGetValue(Key(table), out var key) && (key.Count == 0 || columns.Count == 0 || key.Intersect(columns).Any());

    /// <summary>CREATE TABLE … PARTITION BY.</summary>
    public void NotePartitions(Command.CreateTable table, SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        for (var i = 0; i + 3 < statement.Tokens.Count; i++)
        {
            if (!statement.Tokens[i].Is("partition") || !statement.Tokens[i + 1].Is("by") || !statement.Tokens[i + 3].IsMark('('))
                continue;
            cursor.BackTo(i + 3);
            // Between the names of plain columns there are only commas.
            var isPlain = statement.Tokens.Skip(i + 4).TakeWhile(t => !t.IsMark(')')).Select((t, at) => at % 2 == 0 ? t.IsName : t.IsMark(',')).All(t => t);
            List<string> key = isPlain ? cursor.TakeNamesInParentheses() : [];
            partitionKeys[Key(table.Name)] = key;
            // The rows of the parent are moved between these partitions too.
            if (table.Parent is { } parent && partitionKeys.TryGetValue(Key(parent), out var outer) && outer.Count > 0)
                partitionKeys[Key(parent)] = key.Count == 0 ? [] : [.. outer, .. key];
        }
    }

    public bool HasViews => views.Count > 0;

    /// <summary>A view that the set created, or may have made; null if that name is none.</summary>
    public CreatedView? View(RelationName name) => views.Count == 0 ? null : views.GetValueOrDefault(Key(name)) ?? (name.Schema is null ? views.GetValueOrDefault(new RelationName(Temporary, name.Name)) : null);

    /// <summary>The views that the set created, and not dropped again, which use the table or that column of it.</summary>
    public IReadOnlyList<RelationName> ViewsOf(RelationName table, string? column) => views.Count == 0 || viewsMayBeGone ? []
        : [.. views.Where(v => !v.Value.IsUncertain && v.Value.Base is { } of && Key(of) == Key(table) && (column is null || v.Value.MayUse(column))).Select(v => v.Key)];

    /// <param name="isCertain">The statement is run as it stands.</param>
    public void MakeView(RelationName name, CreatedView? view, bool isTemporary, bool isCertain)
    {
        var key = isTemporary ? new RelationName(Temporary, name.Name) : Key(name);
        if (view is null)
            views.Remove(key);
        else
            views[key] = view with { IsUncertain = isTemporary || !isCertain };
        // It may have been an empty table of the set.
        created.Remove(key);
    }

    public RelationName Live(RelationName table) => Known(table)?.LiveName ?? table;

    /// <summary>As <see cref="Live"/>, with its schema.</summary>
    public RelationName LiveKey(RelationName table) => Key(Live(table));

    /// <inheritdoc cref="PendingTable.RenamedColumns"/>
    public IReadOnlyDictionary<string, string> RenamedColumns(RelationName table) => Known(table)?.RenamedColumns ?? new Dictionary<string, string>();

    public string LiveColumn(RelationName table, string column) => Known(table)?.LiveColumn(column) ?? column;

    /// <summary>The set created the column, and given it a type of text.</summary>
    public bool IsText(RelationName table, string column) => !changedUnseen && Known(table)?.IsText(column) == true;

    /// <summary>The type that the set has given the column, as written; null: none, or it is not known.</summary>
    public string? GivenType(RelationName table, string column) => changedUnseen ? null : Known(table)?.GivenType(column);

    /// <summary>The set has built an index or a constraint on the column of a table that was there.</summary>
    public bool HasBuiltOn(RelationName table, string column) => Known(table)?.HasBuiltOn(column) == true;

    /// <summary>An earlier statement has changed its type.</summary>
    public bool IsRetyped(RelationName table, string column) => changedUnseen || Known(table)?.IsRetyped(column) == true;

    /// <summary>An earlier statement has changed its default.</summary>
    public bool HasNewDefault(RelationName table, string column) => changedUnseen || Known(table)?.HasNewDefault(column) == true;

    /// <summary>The old table that bore this name until the set dropped it, as the live database calls it; null if none did.</summary>
    public RelationName? Dropped(RelationName table) => droppedTables.GetValueOrDefault(Key(table));

    /// <summary>The old column that bore this name until the set dropped it; null if none did.</summary>
    public DroppedColumn? Dropped(RelationName table, string column) => Known(table)?.Dropped(column);

    /// <summary>A constraint that the set itself added; null for others.</summary>
    public ConstraintDefinition? Constraint(RelationName table, string name) => Known(table)?.Constraint(name);

    /// <summary>A check that the set added and validated has shown that the column holds no nulls.</summary>
    public bool IsProvenNotNull(RelationName table, string column) => Known(table)?.IsProvenNotNull(column) == true;

    /// <summary>The indexes of tables the set created go with them; of others nothing is known.</summary>
    public bool IsCreatedIndex(RelationName index) => created.ContainsKey(Key(index));

    /// <summary>Rows may have been written that no statement shows: by functions, triggers and rules.</summary>
    public void LoseRows() => Written = Written.Lost();

    /// <param name="isNameKnown">False: which schema the name of its table is in is decided at run time, so that nothing is known to be new.</param>
    public void Apply(Effect effect, bool isNameKnown)
    {
        NoteWritten(effect);
        Uses.NoteMoved(effect, Live(effect.Table));
        HasDroppedObjects |= effect.Cause is Command.Drop or Command.CreateObject { Replaces: true } or Command.DoBlock or Command.Call or Command.ExecuteText or ObjectAction and not ObjectAction.AddValue
            or TableAction.DropConstraint or TableAction.DropColumn or TableAction.DropDefault or TableAction.ChangeType or TableAction.DetachPartition or TableAction.Inherit;
        Gone.Apply(effect, this);
        NoteTies(effect, isCertain: true);
        NoteSwitched(effect, isCertain: true);
        HasChangedRows |= effect.Cause is Command.Truncate or RowChange { Kind: not RowChangeKind.Insert };
        viewsMayBeGone |= views.Count > 0 && effect.Cause is Command.Drop { Cascades: true } or TableAction.DropColumn { Cascades: true } or TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema or Command.DropOwned;
        switch (effect.Cause)
        {
            case Command.CreateTable table:
                Make(isNameKnown ? table : table with { IfNotExists = true });
                break;
            case TableAction.AddColumn when !isNameKnown:
                break;
            case Command.CreateIndex { Name: { } index, IfNotExists: false } made when IsCreated(made.Table):
                created[Key(made.Table with { Name = index })] = true;
                break;
            case Command.CreateIndex made:
                Pending(made.Table).NoteBuilt(made.Definition);
                break;
            case Command.CreateObject { Kind: ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Sequence, IfNotExists: false, Replaces: false } made:
                created[Key(made.Name)] = made.Kind != ObjectKind.View;
                break;
            case Command.Drop { Kind: ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.ForeignTable or ObjectKind.Sequence or ObjectKind.Index } drop:
                Forget(effect.Object.Name, drop.Kind);
                break;
            case Command.Drop { Kind: ObjectKind.Schema }:
                ForgetNames(effect.Object.Name.Name);
                break;
            case TableAction action when effect.Command is Command.AlterTable { Kind: not ObjectKind.Index }:
                Alter(effect.Object.Name, action);
                break;
            case Command.Truncate:
                Pending(effect.Table).MayHaveChanged = true;
                break;
            case RowChange { Kind: not RowChangeKind.Insert } change:
                Pending(change.Table).MayHaveChanged = true;
                if (View(change.Table)?.Base is { } behind)
                    Pending(behind).MayHaveChanged = true;
                break;
            case Command.Transaction { Word: "rollback" or "abort" or "rollback to" }:
                ForgetNames();
                Types = new TypeHistory(defaultSchema);
                break;
            // What is in others keeps its name.
            case ObjectAction.RenameTo rename when effect.Object.Kind == ObjectKind.Schema:
                ForgetNames(effect.Object.Name.Name);
                ForgetNames(rename.Name);
                if (defaultSchema == effect.Object.Name.Name || defaultSchema == rename.Name)
                    ForgetNames();
                LoseRows();
                break;
            case Command.DoBlock or Command.Call or Command.ExecuteText:
            case ObjectAction.Other when effect.UpdatesExtension:
                changedUnseen = true;
                break;
        }

        Types.Apply(effect);
    }

    /// <summary>
    /// Names may mean others than before, and which is not told: nothing counts as created by the set any more. What is asked by name from here on is shown under
    /// the lock to be the same table.
    /// </summary>
    public void ForgetNames()
    {
        (created, tables) = (new(), new(t => !t.IsRenamed));
        foreach (var (name, view) in views.ToList())
            views[name] = view with { IsUncertain = true };
        (changedUnseen, namesAreUnseen) = (true, true);
        LoseRows();
    }

    /// <summary>What a statement does is not seen: columns can have got other names.</summary>
    public void LoseNames()
    {
        namesAreUnseen = true;
        Uses.LoseMoved();
    }

    /// <summary>The same of the names in one schema.</summary>
    private void ForgetNames(string schema)
    {
        created.RemoveAll(t => t.Schema == schema);
        tables.RemoveAll(t => t.Schema == schema);
        addedIfMissing.RemoveAll(c => c.Table.Schema == schema);
    }

    /// <summary>Tables that it makes children or partitions of others, or has refer to others.</summary>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void NoteTies(Effect effect, bool isCertain)
    {
        Ties.Apply(effect, Key, isCertain);
        if (effect.Cause is TableAction.AttachPartition attach)
            Join(effect.Table, attach.Partition);
        else if (effect.Cause is TableAction.Inherit { Ends: false } inherit)
            Join(inherit.Parent, effect.Table);
        if (!isCertain && effect.Cause is TableAction action)
            NoteReference(effect.Table, action);
    }

    /// <summary>Triggers and foreign keys that it switches or drops.</summary>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void NoteSwitched(Effect effect, bool isCertain)
    {
        Triggers.Apply(effect, Live(effect.Table), isCertain);
        ForeignKeys = ForeignKeys.After(effect, LiveKey(effect.Table), isCertain);
    }

    /// <summary>The rows that it writes.</summary>
    public void NoteWritten(Effect effect)
    {
        Uses.Apply(effect, !IsLive(effect.Table) || Types.IsOfSet(effect.Object.Name), t => !IsLive(t), t => TypeConversion.TypeName(t) is var type && type.Schema is null && TypeConversion.IsUserDefined(t) && !Types.IsOfSet(type) ? SchemaUses.OfPath : type.Schema);
        switch (effect.Cause)
        {
            case RowChange change:
                Write(change.Table, change.Kind, change.Columns);
                if (View(change.Table)?.Base is { } behind)
                    Write(behind, change.Kind);
                break;
            case Command.Truncate truncate:
                foreach (var table in truncate.Tables)
                    Write(table, RowChangeKind.Delete);
                break;
            case Command.Refresh refresh:
                Write(refresh.View, RowChangeKind.Update);
                break;
            case Command.CreateTable table:
                Written = Written.WithRenamed(table.Name.Name);
                break;
            case Command.CreateObject { Kind: ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.ForeignTable } view:
                Written = Written.WithRenamed(view.Name.Name);
                break;
            case TableAction.AddColumn add:
                addedIfMissing[(Key(effect.Table), add.Column.Name)] = true;
                break;
            case TableAction.RenameTo rename:
                Written = Written.WithRenamed(effect.Object.Name.Name, rename.Name);
                break;
            case TableAction.SetSchema:
                Written = Written.WithRenamed(effect.Object.Name.Name);
                break;
            case TableAction.RenameColumn rename:
                Written = Written.WithRenamedColumn(Live(effect.Table), rename.Column, rename.Name).WithRenamed(effect.Table.Name);
                break;
            // Rows come to the parent, or leave it.
            case TableAction.AttachPartition attach:
                Write(effect.Table, RowChangeKind.Insert);
                if (!IsCreated(attach.Partition))
                    Written = Written.Joined(Live(effect.Table));
                break;
            case TableAction.DetachPartition detach:
                Write(detach.Partition, RowChangeKind.Delete);
                break;
            case TableAction.Inherit inherit:
                Write(effect.Table, RowChangeKind.Update);
                if (!inherit.Ends && !IsCreated(effect.Table))
                    Written = Written.Joined(Live(inherit.Parent));
                break;
            case TableAction.ChangeType change:
                Write(effect.Table, RowChangeKind.Update, [change.Column]);
                break;
            case Command.Drop { Kind: ObjectKind.Table, Cascades: false }:
                Write(effect.Object.Name, RowChangeKind.Delete);
                break;
            // What is in a DO block is noted as it is read.
            case Command.Drop { Cascades: true }:
                Write(effect.Object.Name, RowChangeKind.Delete);
                Written = Written.WithOthers();
                break;
            case Command.DropOwned or Command.Call or Command.ExecuteText:
                LoseRows();
                break;
        }
    }

    /// <summary>Rows of it are written.</summary>
    /// <param name="columns">Those that an UPDATE assigns to; empty: it can be any.</param>
    public void Write(RelationName table, RowChangeKind kind, IReadOnlyList<string>? columns = null)
    {
        if (kind != RowChangeKind.Insert && IsReferredTo(table, kind))
            LoseRows();
        else if (!IsCreated(table))
            Written = (kind == RowChangeKind.Insert ? [] : LiveBelow(table)).Append(table).Aggregate(Written, (written, t) => written.With(Live(t), kind, [.. (columns ?? []).Concat((columns ?? []).Select(c => LiveColumn(t, c))).Distinct()]));
    }

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    private PendingTable? Known(RelationName table) => tables.GetValueOrDefault(Key(table));

    private PendingTable Pending(RelationName table)
    {
        if (!tables.TryGetValue(Key(table), out var known))
            tables[Key(table)] = known = new PendingTable();
        return known;
    }

    /// <summary>With IF NOT EXISTS the table may be an old one that is full. So may the table with the name of a temporary table, with its schema or in the next script.</summary>
    private void Make(Command.CreateTable table)
    {
        if (table.IfNotExists || table.IsTemporary)
        {
            Pending(table.Name).IsCreatedIfMissing = true;
            return;
        }

        created[Key(table.Name)] = true;
        joined.Remove(Key(table.Name));
        foreach (var column in table.Columns.Where(c => TypeConversion.IsText(c.Type)))
            Pending(table.Name).NoteType(column.Name, column.Type);
        foreach (var constraint in table.Constraints.Where(c => c.Name is not null))
            Pending(table.Name).Add(constraint);
    }

    private void Forget(RelationName table, ObjectKind kind)
    {
        var key = Key(table);
        if (!created.Remove(key) && !joined.Remove(key) && kind == ObjectKind.Table)
            droppedTables[key] = Live(table);
        tables.Remove(key);
        views.Remove(key);
    }

    /// <summary>A table that was there refers to it by a foreign key of the set, so that its rows go with a TRUNCATE … CASCADE.</summary>
    /// <param name="by">DELETE or UPDATE: the key says what becomes of them when a row is deleted or updated that they reference. Null: it may say nothing.</param>
    public bool IsReferredTo(RelationName table, RowChangeKind? by) => referred.TryGetValue(Key(table), out var has) && (by is null || (by == RowChangeKind.Update ? has.OnUpdate : has.OnDelete && ForeignKeys.Added.Exists(k => k.Key.Referenced == Key(table) && k.MayRefer(Written))));

    private void NoteReference(RelationName table, TableAction action)
    {
        var constraints = action switch
        {
            TableAction.AddColumn add => add.Column.Constraints,
            TableAction.AddConstraint add => [add.Constraint],
            _ => [],
        };
        foreach (var key in constraints.Where(c => c is { Kind: ConstraintKind.ForeignKey, Referenced: not null } && !IsCreated(table)))
        {
            var (named, before) = (key.Referenced!, referred.GetValueOrDefault(Key(key.Referenced!)));
            referred[Key(named)] = (before.OnDelete || key.Text.Contains("on delete", StringComparison.OrdinalIgnoreCase), before.OnUpdate || key.OnUpdate is 'c' or 'n' or 'd');
            ForeignKeys = ForeignKeys.With(new AddedForeignKey(
                LiveKey(table), key.Name, new LiveForeignKey([.. key.Columns.Select(c => LiveColumn(table, c))], LiveKey(named), [.. key.ReferencedColumns.Select(c => LiveColumn(named, c))]),
                key.OnDelete, key.OnUpdate, [.. key.SetColumns.Select(c => LiveColumn(table, c))])
            {
                IsOfNew = key.Columns.All(c => Known(table)?.IsAddedEmpty(c) == true || (action is TableAction.AddColumn { IfNotExists: false, Column: { FillsItself: false } own } && own.Name == c && !TypeConversion.IsUserDefined(own.Type))),
            });
        }
    }

    private void Alter(RelationName table, TableAction action)
    {
        NoteReference(table, action);
        if (action is TableAction.RenameTo rename)
            Rename(table, Key(table) with { Name = rename.Name });
        else if (action is TableAction.SetSchema move)
            Rename(table, Key(table) with { Schema = move.Schema });
        else if (action is not (TableAction.AttachPartition or TableAction.Inherit { Ends: false }))
            Pending(table).Apply(action, Live(table), IsCreated(table));
    }

    /// <summary>A table of before brings its rows along, to all that it is a child or partition of.</summary>
    private void Join(RelationName parent, RelationName child)
    {
        if (IsCreated(child))
            return;
        foreach (var table in Ties.Above(Key(child)).Append(Key(parent)).Where(t => created.Remove(t)))
            joined.Add(table);
    }

    private void Rename(RelationName from, RelationName to)
    {
        Ties.Rename(Key(from), to);
        if (joined.Remove(Key(from)))
            joined.Add(to);
        var pending = Pending(from);
        tables.Remove(Key(from));
        tables[to] = pending;
        if (views.Remove(Key(from), out var view))
            views[to] = view;
        if (partitionKeys.Remove(Key(from), out var key))
            partitionKeys[to] = key;
        if (created.Remove(Key(from)))
        {
            created[to] = true;
            if (referred.Remove(Key(from), out var has))
                referred[to] = has;
            ForeignKeys = ForeignKeys.WithRenamed(Key(from), to);
        }
        else
        {
            created.Remove(to);
            pending.LiveName ??= from;
        }
    }
}
