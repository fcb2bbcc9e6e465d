namespace DbSafety.Analysis;

/// <summary>
/// What the pending statements have made and renamed so far. It answers, for a name in a statement, whether the thing
/// was made in the same set (then nothing of value is in it) or what the live database calls it.
/// </summary>
internal sealed class SchemaHistory
{
    private readonly HashSet<RelationName> created = [];
    private readonly HashSet<(RelationName Table, string Column)> addedColumns = [];
    private readonly HashSet<RelationName> changedTables = [];
    private bool changedUnseen;
    private readonly Dictionary<RelationName, RelationName> liveNames = [];
    private readonly Dictionary<(RelationName Table, string Column), string> liveColumns = [];

    /// <summary>What <c>SET search_path</c> in the scripts says; null: the connection's own.</summary>
    public string? SearchSchema { get; private set; }

    public bool IsCreated(RelationName table) => created.Contains(table);

    public bool IsAdded(RelationName table, string column) => IsCreated(table) || addedColumns.Contains((table, column));

    /// <summary>Whether earlier statements may have changed the rows of that table, so that the live ones prove nothing.</summary>
    public bool MayHaveChanged(RelationName table) => changedUnseen || changedTables.Contains(table);

    public void MarkChanged(RelationName table) => changedTables.Add(table);

    public RelationName Live(RelationName table) => liveNames.GetValueOrDefault(table, table);

    public string LiveColumn(RelationName table, string column) => liveColumns.GetValueOrDefault((table, column), column);

    public void Apply(SqlStatement statement)
    {
        if (statement.StartsWith("create") || statement.StartsWith("select"))
            ApplyCreate(statement);
        else if (statement.StartsWith("drop", "table"))
            ApplyDrop(statement);
        else if (AlterTable.Read(statement, SearchSchema) is { } alter)
            ApplyAlter(alter);
        else if (statement.StartsWith("set"))
            ApplySearchPath(statement);
        changedUnseen |= statement.StartsWith("do") || statement.StartsWith("call") || statement.StartsWith("execute");
    }

    private void ApplyCreate(SqlStatement statement)
    {
        // With IF NOT EXISTS the table may be an old one that is full.
        var cursor = new TokenCursor(statement.Tokens);
        cursor.Skip();
        while (cursor.Take("global") || cursor.Take("local") || cursor.Take("temp") || cursor.Take("temporary") || cursor.Take("unlogged"))
        {
        }

        if (cursor.Take("table") && !cursor.At("if") && cursor.TakeRelation(SearchSchema) is { } table)
            created.Add(table);
    }

    private void ApplyDrop(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens, 2);
        cursor.Take("if", "exists");
        foreach (var table in cursor.TakeRelations(SearchSchema))
            Forget(table);
    }

    private void Forget(RelationName table)
    {
        created.Remove(table);
        liveNames.Remove(table);
        addedColumns.RemoveWhere(c => c.Table == table);
    }

    private void ApplyAlter(AlterTable alter)
    {
        foreach (var action in alter.Actions)
        {
            var cursor = new TokenCursor(action);
            if (cursor.Take("rename", "to") && cursor.TakeName() is { } name)
                Rename(alter.Table, alter.Table with { Name = name });
            else if (cursor.Take("set", "schema") && cursor.TakeName() is { } schema)
                Rename(alter.Table, alter.Table with { Schema = schema });
            else if (AlterTable.RenamedColumn(action) is var (from, to))
                RenameColumn(alter.Table, from, to);
            else if (AlterTable.AddedColumn(action) is var (added, _) && !action.Any(t => t.Is("exists")))
                addedColumns.Add((alter.Table, added));
            else if (AlterTable.DroppedColumn(action) is var (dropped, _))
                addedColumns.Remove((alter.Table, dropped));
        }
    }

    private void Rename(RelationName from, RelationName to)
    {
        if (created.Remove(from))
        {
            created.Add(to);
        }
        else
        {
            liveNames[to] = Live(from);
            liveNames.Remove(from);
        }

        foreach (var column in addedColumns.Where(c => c.Table == from).ToList())
        {
            addedColumns.Remove(column);
            addedColumns.Add((to, column.Column));
        }

        foreach (var ((table, column), live) in liveColumns.Where(c => c.Key.Table == from).ToList())
        {
            liveColumns.Remove((table, column));
            liveColumns[(to, column)] = live;
        }
    }

    private void RenameColumn(RelationName table, string from, string to)
    {
        if (addedColumns.Remove((table, from)))
            addedColumns.Add((table, to));
        else
            liveColumns[(table, to)] = LiveColumn(table, from);
    }

    private void ApplySearchPath(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens, 1);
        _ = cursor.Take("local") || cursor.Take("session");
        if (!cursor.Take("search_path"))
            return;
        cursor.Skip();
        SearchSchema = cursor.Current is { } value && (value.IsName || value.Kind == SqlTokenKind.Text) && !value.Is("default") ? value.Value : null;
    }
}
