using DbSafety.Databases.Writes;

namespace DbSafety.Migrations.Concurrency;

/// <summary>Determines from the rows of tables and catalogs which sessions wrote them, without I/O.</summary>
internal sealed class ConcurrentWriteFindings(DatabaseState before, OwnWrites own)
{
    private readonly List<string> written = [];
    private readonly List<string> unclear = [];
    private readonly List<TableState> hidden = [];

    /// <summary>The first of this run's transactions: what comes after it may be one of its subtransactions, whose ids are not known.</summary>
    private readonly long firstOwn = own.Ids.Count == 0 ? long.MaxValue : before.Snapshot.DistanceOf(own.Ids.Min());

    /// <summary>The objects to which other sessions have written; null: none found.</summary>
    public ConcurrentWrites? Written => written.Count == 0 || own.Untracked is not null ? null : new ConcurrentWrites.Tables(written);

    /// <summary>Changes that could be another session's or this run's; null: none.</summary>
    public string? Unclear => unclear.Count == 0 ? null : string.Join("; ", unclear);

    /// <summary>Tables where this run's own changes may hide earlier ones, and that otherwise have the expected rows.</summary>
    public IReadOnlyList<TableState> Hidden => hidden;

    public void Add(TableState table, RowOrigins rows)
    {
        var (change, then) = (own.Of(table.Oid), before.Tables.GetValueOrDefault(table.Oid));
        var expected = then is null ? 0 : then.Rows;
        if (rows.Foreign > 0)
            Add(table.Display, isOwn: change.IsAny && rows.NewestForeign >= firstOwn, $"{rows.Foreign:N0} rows of {table.Display} were written by transactions that are not known to be the migration's");
        else if (change.HidesEarlierWrites || (then is not null && then.File != table.File))
            AddHidden(table, rows, expected + change.Inserted - change.Deleted);
        else if (expected is not null && rows.Seen != expected)
            Add(table.Display, isOwn: false, "");
    }

    /// <summary>Writes to a table before it was dropped can no longer be detected.</summary>
    public void AddDropped(IReadOnlyDictionary<uint, TableState> now)
    {
        foreach (var table in before.Tables.Values.Where(t => !now.ContainsKey(t.Oid)))
            Add(table.Display, isOwn: own.Ids.Count > 0, $"{table.Display} has been dropped, together with any rows that other sessions wrote to it");
    }

    /// <summary>Dropped objects are counted only if this run has changed nothing itself: its own changes replace catalog rows too.</summary>
    public void AddCatalogs(IReadOnlyDictionary<string, RowOrigins> catalogs)
    {
        foreach (var (name, rows) in catalogs)
        {
            if (rows.Foreign > 0)
                Add($"definitions in {name}", isOwn: rows.NewestForeign >= firstOwn, $"definitions in {name} were changed by transactions that are not known to be the migration's");
            else if (rows.Seen != before.Catalogs.GetValueOrDefault(name) && (own.Ids.Count == 0 || name == DatabaseState.LargeObjects))
                Add($"definitions in {name}", isOwn: own.Ids.Count > 0, $"{name} has lost rows");
        }
    }

    /// <param name="pages">Null: permission to read pg_largeobject is denied.</param>
    public void AddLargeObjects(RowOrigins? pages)
    {
        if (pages is null)
            unclear.Add("the database has large objects, and only a superuser can read which transactions wrote them");
        else if (pages.Foreign > 0)
            Add("large objects", isOwn: pages.NewestForeign >= firstOwn, "large objects were written by transactions that are not known to be the migration's");
    }

    private void AddHidden(TableState table, RowOrigins rows, long? expected)
    {
        if (expected == rows.Total)
            hidden.Add(table);
        else
            unclear.Add($"{table.Display} has {rows.Total:N0} rows; expected from the backup and the migration's own changes: {expected?.ToString("N0", System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}");
    }

    private void Add(string name, bool isOwn, string reason)
    {
        if (isOwn)
            unclear.Add(reason);
        else
            written.Add(name);
    }
}
