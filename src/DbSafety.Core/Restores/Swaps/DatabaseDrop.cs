using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Replication;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>Drops a database of DbSafety and then checks that it was dropped. It never drops anything on a publisher, and no logical slot.</summary>
/// <param name="database">The database to drop, and how to reach its server.</param>
/// <param name="oid">The OID that the database must have; null: only the name counts.</param>
internal sealed class DatabaseDrop(DatabaseTarget database, uint? oid, DropSessions sessions)
{
    private const string Ours = "dbsafety%";

    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string name = database.Database;

    /// <summary>Through a pooler, a maintenance session also proves the target's own name, which would leave a session in the database that is to be dropped.</summary>
    private readonly DatabaseTarget server = database.Maintenance is { } maintenance ? database.On(maintenance) : database;

    /// <summary>The session that drops it; null before it knows the database that it is to drop.</summary>
    private ServerBackend? dropper;

    /// <summary>The mark of a retained database is required, and checked under the lock of the drop.</summary>
    public bool OnlyRetained { get; init; }

    /// <summary>Drops it, and warns if that fails: another error is already being reported.</summary>
    /// <returns>Whether it existed and was dropped.</returns>
    public static Task<bool> OrWarnAsync(DatabaseTarget database, IOperationEvents events) => new DatabaseDrop(database, null, DropSessions.End).OrWarnAsync(events);

    /// <inheritdoc cref="OrWarnAsync(DatabaseTarget, IOperationEvents)"/>
    public async Task<bool> OrWarnAsync(IOperationEvents events)
    {
        var result = await RunAsync();
        if (result is DropResult.Unknown unknown)
            events.Warning($"whether the database {name} was dropped is unknown ({unknown.Unseen}): {unknown.Problem}");
        else if (result is DropResult.Kept kept)
            events.Warning($"the database {name} could not be dropped and is still there: {kept.Reason}");
        return result is DropResult.Dropped;
    }

    public async Task<DropResult> RunAsync()
    {
        uint? found = null;
        try
        {
            await using var maintenance = await server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety drop", name);
            await maintenance.ExecuteAsync($"SET lock_timeout = {(long)WaitLimit.TotalMilliseconds}", CancellationToken.None);
            found = await OidAsync(maintenance);
            if (found is null)
                return new DropResult.Missing();
            if (oid is { } expected && expected != found)
                return new DropResult.Kept("another database has this name now");
            dropper = await ServerBackend.ReadAsync(maintenance, CancellationToken.None);
            return await TryAsync(maintenance, found.Value) is { } reason ? new DropResult.Kept(reason) : new DropResult.Dropped();
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException)
        {
            return await LookAsync(found ?? oid, e is PostgresException p ? p.MessageText : e.Message);
        }
    }

    /// <summary>Whether the database still exists, on a new connection: a DROP DATABASE whose connection was lost continues until it finishes.</summary>
    /// <param name="known">Its oid; null: only its name is known.</param>
    private async Task<DropResult> LookAsync(uint? known, string problem)
    {
        try
        {
            await using var maintenance = await server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety drop", name);
            for (var clock = Stopwatch.StartNew(); dropper is not null && clock.Elapsed < WaitLimit && await dropper.IsThereAsync(maintenance, CancellationToken.None);)
                await Task.Delay(Pause);
            var exists = known is { } there
                ? await maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE oid = $1::bigint::oid)", CancellationToken.None, (long)there)
                : await OidAsync(maintenance) is not null;
            return exists ? new DropResult.Kept(problem) : new DropResult.Dropped();
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException)
        {
            return new DropResult.Unknown(problem, e.Message);
        }
    }

    /// <returns>Null: it was dropped. Otherwise why it still exists.</returns>
    private async Task<string?> TryAsync(NpgsqlConnection maintenance, uint found)
    {
        var slots = await maintenance.ListAsync(
            "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE datoid = $1::bigint::oid AND NOT temporary", r => r.GetString(0), CancellationToken.None, (long)found);
        if (slots.Count > 0)
            return $"it has logical replication slots, which would be dropped with it: {string.Join(", ", slots)} (pg_drop_replication_slot)";
        if (sessions != DropSessions.End && await UsersAsync(maintenance, found) is { Length: > 0 } users)
            return users;
        if (await SubscriptionRemoval.RunAsync(database, maintenance, found, keepEnabled: sessions == DropSessions.Keep) is { } subscription)
            return subscription;
        StepPoint.Reach("drop: about to drop");
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (sessions != DropSessions.Keep)
                    await EndAsync(maintenance, found);
                if (oid is not null && await new ExactDrop(server, name, maintenance, dropper!).RunAsync(found, IsExpected, WaitLimit) is { } reason)
                    return reason;
                if (oid is null)
                    await DropByNameAsync(maintenance, found);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && sessions == DropSessions.End && clock.Elapsed < WaitLimit)
            {
                await Task.Delay(Pause);
                continue;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return $"DROP DATABASE waited {WaitLimit.TotalSeconds:0} s for a lock{await HoldersAsync(maintenance, found)}";
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                return await UsersAsync(maintenance, found, all: true) is { Length: > 0 } by ? by : e.MessageText;
            }

            return await maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE oid = $1::bigint::oid)", CancellationToken.None, (long)found)
                ? "PostgreSQL reported no error"
                : null;
        }
    }

    private async Task DropByNameAsync(NpgsqlConnection maintenance, uint found)
    {
        // PostgreSQL does not drop a template database.
        if (await maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE oid = $1::bigint::oid AND datistemplate)", CancellationToken.None, (long)found))
            await maintenance.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(name)} IS_TEMPLATE false", CancellationToken.None);
        await maintenance.ExecuteAsync($"DROP DATABASE {SqlName.Quote(name)}", CancellationToken.None);
    }

    private bool IsExpected(string? comment) => !OnlyRetained || DatabaseMark.Read(comment) is { Kind: MarkKind.Before or MarkKind.Undone };

    private async Task<uint?> OidAsync(NpgsqlConnection maintenance) =>
        await maintenance.ListAsync("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", r => r.GetFieldValue<uint>(0), CancellationToken.None, name) is [var found] ? found : null;

    private Task<int> EndAsync(NpgsqlConnection maintenance, uint found) => maintenance.ExecuteAsync(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datid = $1::bigint::oid AND ($2 OR application_name LIKE $3)",
        CancellationToken.None,
        (long)found,
        sessions == DropSessions.End,
        Ours);

    /// <summary>The sessions with a lock on the database itself: sessions in any database can have one.</summary>
    private static async Task<string> HoldersAsync(NpgsqlConnection maintenance, uint found)
    {
        var holders = await maintenance.ListAsync(
            """
            SELECT format('pid %s (%s)', l.pid, concat_ws(', ', nullif(a.application_name, ''), a.usename, a.state))
            FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'object' AND l.database = 0 AND l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND l.objid = $1::bigint::oid AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
            """,
            r => r.GetString(0),
            CancellationToken.None,
            (long)found);
        return holders.Count == 0 ? "" : " that is held by " + string.Join(", ", holders);
    }

    /// <summary>The sessions that use the database, in words; empty: none, or none that block the drop.</summary>
    private async Task<string> UsersAsync(NpgsqlConnection maintenance, uint found, bool all = false)
    {
        var users = await maintenance.ListAsync(
            """
            SELECT format('pid %s (%s)', pid, concat_ws(', ', coalesce(nullif(application_name, ''), backend_type), usename)) FROM pg_catalog.pg_stat_activity
            WHERE datid = $1::bigint::oid AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'logical replication worker', 'logical replication apply worker', 'logical replication tablesync worker')
              AND ($2 OR coalesce(application_name, '') NOT LIKE $3)
            UNION ALL SELECT format('prepared transaction %s', gid) FROM pg_catalog.pg_prepared_xacts WHERE database = $4
            """,
            r => r.GetString(0),
            CancellationToken.None,
            (long)found,
            all || sessions == DropSessions.Keep,
            Ours,
            name);
        return users.Count == 0 ? "" : "it is in use: " + string.Join(", ", users);
    }
}
