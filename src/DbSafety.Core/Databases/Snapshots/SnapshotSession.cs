using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>
/// The session that exports the snapshot of a backup, for pg_dump and for the counts. It locks no table before pg_dump does: otherwise pg_dump would queue
/// behind a session that requests ACCESS EXCLUSIVE, which waits for this session, which waits for pg_dump: a deadlock.
/// </summary>
internal sealed class SnapshotSession : IAsyncDisposable
{
    private const string Exported = "exported";

    private readonly DatabaseTarget target;

    private SnapshotSession(DatabaseTarget target, NpgsqlConnection connection)
    {
        this.target = target;
        Connection = connection;
    }

    /// <summary>The session that exported the snapshot, for all other queries on it.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The tables that are in the backup.</summary>
    public required TableCatalog Catalog { get; init; }

    /// <summary>Their files and definitions as the snapshot sees them.</summary>
    public required TableStates States { get; init; }

    /// <summary>The scope of the backup; null: the entire database.</summary>
    public BackupScope? Scope { get; private init; }

    /// <summary>The pg_dump arguments for that scope.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>For <c>pg_dump --snapshot</c> and <c>SET TRANSACTION SNAPSHOT</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The time of the snapshot, by the server's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The WAL position at that time; null if unavailable.</summary>
    public string? Lsn { get; private init; }

    public static async Task<SnapshotSession> BeginAsync(DatabaseTarget target, BackupSelection selection, CancellationToken ct)
    {
        var connection = await BackupSession.OpenAsync(target, ct);
        try
        {
            await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ct);
            var id = await connection.ScalarAsync<string>("SELECT pg_catalog.pg_export_snapshot()", ct) ?? "";
            var lsn = await SourceReader.LsnAsync(connection, ct);
            var time = new DateTimeOffset(await connection.ScalarAsync<DateTime>("SELECT pg_catalog.transaction_timestamp()", ct));
            var (chosen, all) = (await TableSelection.ResolveAsync(connection, selection, ct), await TableCatalog.ReadAsync(connection, ct));
            var catalog = chosen.Of(all);
            RefuseUnreadable(target, catalog);
            var states = await TableStates.ReadAsync(connection, catalog.Tables, ct);
            await connection.ExecuteAsync($"SAVEPOINT {Exported}", ct);
            return new SnapshotSession(target, connection)
            {
                Id = id,
                Lsn = lsn,
                Time = time,
                Catalog = catalog,
                States = states,
                Scope = chosen.Scope(all),
                Arguments = [.. chosen.Arguments()],
            };
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another connection that sees the same snapshot.</summary>
    public async Task<NpgsqlConnection> JoinAsync(CancellationToken ct)
    {
        var connection = await BackupSession.OpenAsync(target, ct);
        try
        {
            await JoinAsync(connection, target, Id, ct);
            // JIT does not help a count, and the dump uses the cores.
            await connection.ExecuteAsync("SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0", ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Releases the locks acquired since the snapshot. The transaction stays open: pg_dump's workers import the snapshot when they start.</summary>
    public Task<int> ReleaseLocksAsync(CancellationToken ct) => Connection.ExecuteAsync($"ROLLBACK TO SAVEPOINT {Exported}", ct);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    /// <summary>Begins a read-only transaction that sees an exported snapshot, and all rows or none.</summary>
    /// <exception cref="DbSafetyException"><c>DBS104</c>: the session that exported it has ended.</exception>
    public static async Task JoinAsync(NpgsqlConnection connection, DatabaseTarget target, string snapshot, CancellationToken ct)
    {
        try
        {
            await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ct);
            await connection.ExecuteAsync($"SET TRANSACTION SNAPSHOT {SqlName.Literal(snapshot)}; SET LOCAL row_security = off", ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            // A snapshot exists as long as the session that exported it.
            throw ErrorCatalogue.ConnectionLost.Because(e, target.Server, $"the session that held the snapshot has ended ({e.MessageText})");
        }
    }

    private static void RefuseUnreadable(DatabaseTarget target, TableCatalog catalog)
    {
        if (catalog.Tables.FirstOrDefault(t => !t.Readable) is { } forbidden)
            throw ErrorCatalogue.PermissionDenied.For(target.Database, $"the role cannot read {SqlName.Display(forbidden.Schema, forbidden.Name)}", "Use the owner, a superuser, or a member of pg_read_all_data. Nothing was written.");
    }
}
