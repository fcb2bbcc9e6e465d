using System.Globalization;
using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.TypeChanges;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Allowed losses are in the backup, except rows that were written since. These are saved next to the backup as COPY commands for psql, before a statement deletes them
/// and as they were committed: this run's own changes are left out, each row is saved once.
/// </summary>
/// <param name="own">What this run has written.</param>
internal sealed class RowsSinceBackup(PgBackup backup, OwnWrites own)
{
    /// <summary>The settings of pg_dump, so that values are written exactly and are read the same in every session (pg_dump.c, setup_connection); names are schema-qualified.</summary>
    private const string Settings = "SET LOCAL search_path = pg_catalog; SET LOCAL datestyle = ISO; SET LOCAL intervalstyle = postgres; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = hex";

    /// <summary>The length of the part of the file that belongs to transactions that may have been committed.</summary>
    private long kept;

    /// <summary>By table, the snapshot up to which its rows are saved; of the transaction that is open, and of those before it.</summary>
    private Dictionary<uint, TransactionSnapshot> until = [], untilBefore = [];

    /// <summary>Tables that are saved under a lock of the transaction that is open, and their file: no other session can write to them before it ends.</summary>
    private readonly Dictionary<uint, uint?> closed = [];

    /// <summary>Rows of the transaction that is open, by table.</summary>
    private readonly List<(string Table, long Rows)> open = [];

    public string Path { get; } = SetFiles.RowsSince(backup.Path);

    public bool Exists => Rows > 0;

    /// <summary>All that is saved.</summary>
    public long Rows { get; private set; }

    /// <param name="place">What comes next: a statement, a script, or the end of one.</param>
    public static DbSafetyException Unsaved(Exception cause, string database, string reason, string place) => ErrorCatalogue.SinceUnsaved.Because(cause, database, reason,
        $"The migration was stopped before {place}, because no backup would contain these rows. Run it again as a role that can read and lock these tables, and with free space for the rows in the backup folder.");

    /// <param name="outcome">What was rolled back, as a sentence.</param>
    public static DbSafetyException Missed(string database, IReadOnlyList<HarmlessClaim> missed, string outcome) => ErrorCatalogue.SinceUnsaved.For(database,
        $"{string.Join(", ", missed.Select(m => m.Finding.Object))} {(missed.Count == 1 ? "was" : "were")} truncated, rewritten or dropped before that",
        $"{outcome} No backup would contain these rows. Move the statements that truncate, rewrite or drop these tables to a separate migration that can run in one transaction: the rows are then saved first.");

    /// <summary>A transaction begins. Rows that were saved for a transaction that was rolled back are removed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    public void Begin()
    {
        open.Clear();
        closed.Clear();
        until = untilBefore.ToDictionary();
        try
        {
            Cut();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unsaved(e, backup.Database, e.Message, "the next transaction");
        }
    }

    private void Cut()
    {
        if (!File.Exists(Path))
            return;
        if (kept == 0)
        {
            File.Delete(Path);
            return;
        }

        using var file = new FileStream(Path, FileMode.Open, FileAccess.Write);
        file.SetLength(kept);
    }

    /// <summary>The transaction is committed, or may be.</summary>
    public void Keep(IOperationEvents events)
    {
        untilBefore = until.ToDictionary();
        closed.Clear();
        if (open.Count == 0)
            return;
        kept = new FileInfo(Path).Length;
        Rows += open.Sum(t => t.Rows);
        events.Information($"{string.Join(", ", open.Select(t => Number(t.Rows, t.Table)))} written after the backup, saved as they were before the migration: {Path}");
        open.Clear();
    }

    /// <param name="isUnknown">Whether its last transaction was committed is unknown.</param>
    public void Failed(bool isUnknown, IOperationEvents events)
    {
        try
        {
            if (isUnknown)
                Keep(events);
            else
                Begin();
        }
        catch (Exception e) when (e is DbSafetyException or IOException)
        {
            events.Warning($"{Path} contains rows of a transaction that was rolled back: {e.Message}");
        }
    }

    /// <summary>
    /// Before a table is locked, and at the end of a transaction: rows that the open transaction has changed or moved are saved as a second session still sees them, because afterwards only the
    /// transaction's own versions are visible. Other sessions can continue to write, but not to these rows. If the transaction holds a lock that blocks reads, its own changes are saved too.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    /// <exception cref="PostgresException">The second session hit the lock timeout: another session waits for a lock on the table.</exception>
    public async Task SaveChangedAsync(NpgsqlConnection connection, NpgsqlConnection observer, IEnumerable<uint> tables, ApplySettings limits, string place, CancellationToken ct)
    {
        var (locked, free) = (new List<LiveTable>(), new List<LiveTable>());
        foreach (var table in (await ChangedAsync(connection, tables, ct)).Where(t => !closed.ContainsKey(t.Oid)))
        {
            await own.NoteSubtransactionsAsync(connection, table, ct);
            (await ReaderLocks.AreTakenAsync(connection, table.Oid, ct) ? locked : free).Add(table);
        }

        await SaveInSavepointAsync(connection, locked, withOwn: true, place, ct);
        await CloseAsync(connection, locked, ct);
        if (free.Count == 0)
            return;
        await observer.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL lock_timeout = {(long)limits.LockTimeout.TotalMilliseconds}; SET LOCAL row_security = off; {Settings}", ct);
        try
        {
            await RefusedAsync(observer, place, () => RowsAsync(observer, free, withOwn: false, place, ct));
        }
        finally
        {
            if (observer.State == System.Data.ConnectionState.Open)
                await observer.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
    }

    /// <summary>The tables are locked against writers by the open transaction, and <see cref="SaveChangedAsync"/> came before.</summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    public async Task SaveLockedAsync(NpgsqlConnection connection, IReadOnlyCollection<LiveTable> tables, string place, CancellationToken ct)
    {
        await SaveInSavepointAsync(connection, tables.Where(t => !closed.ContainsKey(t.Oid)), withOwn: false, place, ct);
        await CloseAsync(connection, tables, ct);
    }

    /// <summary>
    /// At the end of a transaction: those of the tables that were truncated, rewritten or dropped by code that cannot be analysed before their rows were saved. PostgreSQL cannot read these rows any more.
    /// </summary>
    public async Task<IReadOnlyList<uint>> MissedAsync(NpgsqlConnection connection, IEnumerable<uint> tables, ExistingTables standing, CancellationToken ct)
    {
        var asked = tables.Where(standing.Contains).ToList();
        var now = await FilesAsync(connection, asked.Where(t => !closed.ContainsKey(t)), ct);
        return [.. asked.Where(t => standing.FileNode(t) != 0 && (closed.TryGetValue(t, out var file) ? file : now.GetValueOrDefault(t)) != standing.FileNode(t))];
    }

    private async Task CloseAsync(NpgsqlConnection connection, IReadOnlyCollection<LiveTable> tables, CancellationToken ct)
    {
        foreach (var (oid, file) in await FilesAsync(connection, tables.Select(t => t.Oid).Where(t => !closed.ContainsKey(t)), ct))
            closed.Add(oid, file);
    }

    /// <summary>It sees the current state, however old the transaction's snapshot is.</summary>
    private static async Task<Dictionary<uint, uint?>> FilesAsync(NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken ct) =>
        tables.Select(t => (long)t).ToArray() is { Length: > 0 } oids
            ? (await connection.ListAsync("SELECT o, pg_catalog.pg_relation_filenode(o) FROM pg_catalog.unnest($1::oid[]) o", r => (Oid: r.GetFieldValue<uint>(0), File: r.IsDBNull(1) ? (uint?)null : r.GetFieldValue<uint>(1)), ct, oids)).ToDictionary(t => t.Oid, t => t.File)
            : [];

    /// <summary>No lock prevents writes by other sessions: rows that they write in between are not saved.</summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    public Task SaveUnlockedAsync(NpgsqlConnection connection, IEnumerable<LiveTable> tables, string place, CancellationToken ct) => SaveInSavepointAsync(connection, tables, withOwn: false, place, ct);

    /// <summary>The tables to which the open transaction has written, with all partitions if it has written to one of them, because rows can move between them.</summary>
    private static async Task<List<LiveTable>> ChangedAsync(NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken ct) => await connection.ListAsync(
        """
        WITH named AS (
            SELECT t.oid FROM pg_catalog.unnest($1::oid[]) t (oid)
            UNION SELECT p.relid FROM pg_catalog.unnest($1::oid[]) t (oid), pg_catalog.pg_partition_tree(pg_catalog.pg_partition_root(t.oid::regclass)) p)
        SELECT c.oid, n.nspname, c.relname, c.relkind FROM named JOIN pg_catalog.pg_class c ON c.oid = named.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r'
          AND pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) > 0
        """,
        r => new LiveTable(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetChar(3)), ct, tables.Select(t => (long)t).ToArray());

    private async Task SaveInSavepointAsync(NpgsqlConnection connection, IEnumerable<LiveTable> tables, bool withOwn, string place, CancellationToken ct)
    {
        var some = tables.ToList();
        if (some.Count > 0)
            await RefusedAsync(connection, place, () => Savepoint.ReadOnlyAsync(connection, async () => await connection.ExecuteAsync(Settings, ct) + await RowsAsync(connection, some, withOwn, place, ct), ct));
    }

    private static async Task RefusedAsync(NpgsqlConnection connection, string place, Func<Task<long>> save)
    {
        try
        {
            await save();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw Unsaved(e, connection.Database, e.MessageText, place);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && connection.State == System.Data.ConnectionState.Open))
        {
            throw Unsaved(e, connection.Database, e.Message, place);
        }
    }

    /// <returns>How many.</returns>
    private async Task<long> RowsAsync(NpgsqlConnection connection, IEnumerable<LiveTable> tables, bool withOwn, string place, CancellationToken ct)
    {
        var (now, rows) = (await TransactionSnapshot.ReadAsync(connection, ct), 0L);
        foreach (var table in tables.Where(t => t.Kind == 'r'))
        {
            var since = until.GetValueOrDefault(table.Oid) ?? backup.Source!.Snapshot;
            if (withOwn || !await TransactionIds.ProveAsync(connection, since, now, own.Ids, ct))
                rows += await SaveAsync(connection, table, Condition(await since.WithOutcomesAsync(connection, own.Ids, ct), now, withOwn), place, ct);
            until[table.Oid] = now;
        }

        return rows;
    }

    private string Condition(TransactionSnapshot since, TransactionSnapshot now, bool withOwn)
    {
        if (!since.CanCompare(now))
            return "true";
        var unseen = since.NotSeen("xmin", since.Distance("xmin"), now);
        return withOwn ? $"({unseen} OR {XactCounts.IsOwnRow})" : $"{unseen} AND NOT ({TransactionSnapshot.In("xmin", own.Ids)})";
    }

    private async Task<long> SaveAsync(NpgsqlConnection connection, LiveTable table, string where, string place, CancellationToken ct)
    {
        var columns = string.Join(", ", await connection.ListAsync(
            "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum", r => SqlName.Quote(r.GetString(0)), ct, (long)table.Oid));
        if (columns.Length == 0)
            return 0;
        var rows = await connection.ScalarAsync<long>($"SELECT pg_catalog.count(*) FROM ONLY {table.Sql} WHERE {where}", ct);
        if (rows == 0)
            return 0;
        StepPoint.Reach("migrate: rows since the backup counted");
        await using (var file = OpenFile())
        {
            await using (var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" })
            {
                if (file.Length == 0)
                {
                    await writer.WriteLineAsync($"-- Rows written after the backup {System.IO.Path.GetFileName(backup.Path)}, as they were before a migration that was allowed to delete rows or values of their tables.");
                    await writer.WriteLineAsync("-- A row that is also in the backup has changed since the backup: this is its newer version.\nSET client_encoding = 'UTF8';");
                }

                // A name can contain a line break, after which psql would run the rest as a command.
                await writer.WriteLineAsync("\n" + $"-- {Number(rows, table.Display("public"))}, before {place}".ReplaceLineEndings(" "));
                await writer.WriteLineAsync($"COPY {table.Sql} ({columns}) FROM stdin;");
                // Because of the first column, the beginning of a row is not read as a byte order mark. Each line is a row: line breaks in values are escaped.
                using (var reader = await connection.BeginTextExportAsync($"COPY (SELECT '', {columns} FROM ONLY {table.Sql} WHERE {where}) TO STDOUT", ct))
                {
                    while (await reader.ReadLineAsync(ct) is { } line)
                        await writer.WriteLineAsync(line.AsMemory(Math.Min(1, line.Length)), ct);
                }

                await writer.WriteLineAsync("\\.");
            }

            file.Flush(flushToDisk: true);
        }

        FolderSync.Flush(backup.Folder);
        open.Add((table.Display("public"), rows));
        StepPoint.Reach("migrate: rows since the backup saved");
        return rows;
    }

    private static string Number(long rows, string table) => string.Create(CultureInfo.InvariantCulture, $"{rows:N0} {(rows == 1 ? "row" : "rows")} of {table}");

    private FileStream OpenFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path, options);
        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
