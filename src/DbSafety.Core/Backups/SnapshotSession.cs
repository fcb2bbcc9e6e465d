using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// One state of a database, held still for pg_dump and for the counts. TRUNCATE is not MVCC-safe
/// (https://www.postgresql.org/docs/current/mvcc-caveats.html), so every table is locked ACCESS SHARE first and the snapshot is taken
/// after: what the snapshot sees cannot be truncated or dropped any more.
/// </summary>
internal sealed class SnapshotSession : IAsyncDisposable
{
    private const int LockBatch = 100;
    private const int Attempts = 5;

    private readonly DatabaseTarget target;
    private readonly NpgsqlConnection locker;
    private readonly NpgsqlConnection exporter;
    private readonly BackupSelection selection;
    private readonly TimeSpan lockTimeout;

    private SnapshotSession(DatabaseTarget target, BackupSelection selection, TimeSpan lockTimeout, NpgsqlConnection locker, NpgsqlConnection exporter)
    {
        this.selection = selection;
        this.lockTimeout = lockTimeout;
        this.target = target;
        this.locker = locker;
        this.exporter = exporter;
    }

    /// <summary>The session that exported the snapshot, for all other questions about it.</summary>
    public NpgsqlConnection Connection => exporter;

    /// <summary>The tables that are in the backup.</summary>
    public TableCatalog Catalog { get; private set; } = new([], []);

    /// <summary>What part of the database that is; null: all of it.</summary>
    public BackupScope? Scope { get; private set; }

    /// <summary>What makes pg_dump take just that part.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>For <c>pg_dump --snapshot</c> and <c>SET TRANSACTION SNAPSHOT</c>.</summary>
    public string Id { get; private set; } = "";

    public static async Task<SnapshotSession> BeginAsync(DatabaseTarget target, BackupSelection selection, TimeSpan lockTimeout, IOperationEvents events, CancellationToken ct)
    {
        var locker = await target.OpenAsync(ct, "dbsafety backup");
        var exporter = await target.OpenAsync(ct, "dbsafety backup");
        var session = new SnapshotSession(target, selection, lockTimeout, locker, exporter);
        try
        {
            await session.LockAndExportAsync(events, ct);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another connection that sees the same snapshot.</summary>
    public async Task<NpgsqlConnection> JoinAsync(CancellationToken ct)
    {
        var connection = await target.OpenAsync(ct, "dbsafety backup");
        try
        {
            await QuietAsync(connection, ct);
            await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ct);
            await ImportAsync(connection, ct);
            // A DDL statement that waits behind our own lock would make this session wait behind it: better an error than for ever.
            // A count takes no compiling, and the cores are busy with the dump.
            await connection.ExecuteAsync($"SET LOCAL row_security = off; SET LOCAL lock_timeout = {(long)lockTimeout.TotalMilliseconds}; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0", ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task ImportAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await connection.ExecuteAsync($"SET TRANSACTION SNAPSHOT {SqlName.Literal(Id)}", ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            // A snapshot is there as long as the session that exported it.
            throw ErrorCatalogue.ConnectionLost.Because(e, target.Server, $"the session that held the snapshot has ended ({e.MessageText})");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await exporter.DisposeAsync();
        await locker.DisposeAsync();
    }

    private async Task LockAndExportAsync(IOperationEvents events, CancellationToken ct)
    {
        await QuietAsync(locker, ct);
        await QuietAsync(exporter, ct);
        await locker.ExecuteAsync("BEGIN", ct);
        await locker.ExecuteAsync($"SET LOCAL lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
        var locked = new HashSet<TableCatalog.Table>();
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var seen = (await TableSelection.ResolveAsync(locker, selection, ct)).Of(await TableCatalog.ReadAsync(locker, ct));
            if (await LockAsync(seen.Tables.Where(t => !locked.Contains(t with { Pages = 0 })).ToList(), ct))
                locked.UnionWith(seen.Tables.Select(t => t with { Pages = 0 }));

            await exporter.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ct);
            Id = await exporter.ScalarAsync<string>("SELECT pg_catalog.pg_export_snapshot()", ct) ?? "";
            // Definitions are looked at under locks too; whoever holds one of a table that is not in the backup must not stop it for ever.
            await exporter.ExecuteAsync($"SET LOCAL row_security = off; SET LOCAL lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
            var (chosen, all) = (await TableSelection.ResolveAsync(exporter, selection, ct), await TableCatalog.ReadAsync(exporter, ct));
            (Catalog, Scope, Arguments) = (chosen.Of(all), chosen.Scope(all), [.. chosen.Arguments()]);
            if (Catalog.Tables.All(t => locked.Contains(t with { Pages = 0 })))
                return;
            events.Verbose("a table was made while the others were being locked: taking the snapshot again");
            await exporter.ExecuteAsync("ROLLBACK", ct);
        }

        throw ErrorCatalogue.SchemaChangedMeanwhile.For(target.Database);
    }

    /// <summary>False where a table was dropped between the look and the lock: the next attempt looks again.</summary>
    private async Task<bool> LockAsync(List<TableCatalog.Table> tables, CancellationToken ct)
    {
        if (tables.FirstOrDefault(t => !t.Readable) is { } forbidden)
            throw ErrorCatalogue.PermissionDenied.For(target.Database, $"it may not read {SqlName.Display(forbidden.Schema, forbidden.Name)}", "Use the owner, a superuser, or a member of pg_read_all_data. Nothing was written.");
        foreach (var batch in tables.Chunk(LockBatch))
        {
            await locker.ExecuteAsync("SAVEPOINT dbsafety", ct);
            try
            {
                await locker.ExecuteAsync($"LOCK TABLE ONLY {string.Join(", ONLY ", batch.Select(t => t.Quoted))} IN ACCESS SHARE MODE", ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                await locker.ExecuteAsync("ROLLBACK TO SAVEPOINT dbsafety", ct);
                return false;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw ErrorCatalogue.LockTimeout.Because(e, $"the tables of {target.Database}", $"{lockTimeout.TotalSeconds:0.#} s", await HolderAsync(batch, ct));
            }
        }

        return true;
    }

    private async Task<string> HolderAsync(IReadOnlyList<TableCatalog.Table> tables, CancellationToken ct)
    {
        var holders = await exporter.ListAsync(
            """
            SELECT DISTINCT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(left(a.query, 80), ''), c.relname
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.mode = 'AccessExclusiveLock' AND l.granted AND c.relname = ANY($1)
            """,
            r => $"pid {r.GetInt32(0)} ({r.GetString(1)}, {r.GetString(2)}) holds {r.GetString(4)}: {r.GetString(3)}",
            ct,
            (object)tables.Select(t => t.Name).ToArray());
        return holders.Count > 0 ? string.Join("; ", holders) : "the session that held it is gone by now";
    }

    /// <summary>No time-out of the role's or the database's ends these sessions while they wait for pg_dump.</summary>
    private static Task<int> QuietAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ExecuteAsync(
        $"SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0{(connection.PostgreSqlVersion.Major >= 17 ? "; SET transaction_timeout = 0" : "")}; SET search_path = pg_catalog",
        ct);
}
