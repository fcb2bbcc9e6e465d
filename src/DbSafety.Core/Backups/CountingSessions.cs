using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// The sessions that count under the backup's snapshot, each the tables assigned to it. They lock their tables once pg_dump holds its own locks,
/// and wait only for a moment: if another session has requested an ACCESS EXCLUSIVE lock in between, it waits for pg_dump and would block ours
/// until pg_dump ends.
/// </summary>
internal sealed class CountingSessions : IAsyncDisposable
{
    private const int Most = 4, LockBatch = 100;

    /// <summary>Less than <c>deadlock_timeout</c>: our sessions never cause another session to be canceled as a deadlock's victim.</summary>
    public const int LockWaitMilliseconds = 500;

    private readonly List<(NpgsqlConnection Connection, List<TableCatalog.Table> Tables)> sessions = [];

    private bool isShared;

    private CountingSessions()
    {
    }

    /// <summary>How many there are at most.</summary>
    public static int Count(int jobs) => Math.Clamp(jobs, 1, Most);

    /// <summary>The session with the snapshot counts, if no connections are available for other sessions.</summary>
    public static CountingSessions On(SnapshotSession snapshot)
    {
        var shared = new CountingSessions { isShared = true };
        shared.sessions.Add((snapshot.Connection, [.. snapshot.Catalog.Tables]));
        return shared;
    }

    public static async Task<CountingSessions> OpenAsync(SnapshotSession snapshot, int jobs, CancellationToken ct)
    {
        var opened = new CountingSessions();
        try
        {
            var tables = snapshot.Catalog.Tables;
            var wanted = Math.Clamp(Math.Min(tables.Count, jobs > 0 ? jobs : Environment.ProcessorCount), 1, Most);
            while (opened.sessions.Count < wanted)
                opened.sessions.Add((await snapshot.JoinAsync(ct), []));
            // The largest first, each to the session that has the least to count.
            var pages = new long[wanted];
            foreach (var table in tables.OrderByDescending(t => t.Pages))
            {
                var least = Array.IndexOf(pages, pages.Min());
                pages[least] += Math.Max(1, table.Pages);
                opened.sessions[least].Tables.Add(table);
            }

            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="PostgresException">A lock is not available, or a table was dropped.</exception>
    public Task LockAsync(CancellationToken ct) => Task.WhenAll(sessions.Select(s => LockAsync(s.Connection, s.Tables, ct)));

    /// <summary>Locks tables ACCESS SHARE until the transaction ends, as pg_dump does.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, IEnumerable<TableCatalog.Table> tables, CancellationToken ct)
    {
        await connection.ExecuteAsync($"SET LOCAL lock_timeout = {LockWaitMilliseconds}", ct);
        foreach (var batch in tables.Chunk(LockBatch))
            await connection.ExecuteAsync($"LOCK TABLE ONLY {string.Join(", ONLY ", batch.Select(t => t.Quoted))} IN ACCESS SHARE MODE", ct);
    }

    public async Task<IReadOnlyList<TableCount>> CountAsync(bool checksum, Action<TableCatalog.Table> counted, CancellationToken ct)
    {
        // What is set for the count ends with it; the locks were taken before.
        if (isShared)
            await sessions[0].Connection.ExecuteAsync("SAVEPOINT counting", ct);
        var how = checksum ? await TableChecksum.PrepareAsync(sessions[0].Connection, ct) : null;
        using var work = new TaskGroup(ct);
        var counts = sessions.Select(s => work.Run(token => CountAsync(s.Connection, s.Tables, how, counted, token))).ToList();
        await work.WaitAsync();
        if (isShared)
            await sessions[0].Connection.ExecuteAsync("ROLLBACK TO SAVEPOINT counting", ct);
        return [.. (await Task.WhenAll(counts)).SelectMany(c => c).OrderBy(c => c.Schema, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<TableCount>> CountAsync(
        NpgsqlConnection connection, List<TableCatalog.Table> tables, TableChecksum? checksum, Action<TableCatalog.Table> counted, CancellationToken ct)
    {
        var counts = await new TableCounting(checksum, null, counted).CountAsync(tables, [connection], ct);
        if (!isShared)
            await connection.CloseAsync(); // With it its locks.
        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (connection, _) in isShared ? [] : sessions)
            await connection.DisposeAsync();
    }
}
