using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>
/// Work on a migration history that does not wait for longer than a few seconds for another session's lock: ACCESS EXCLUSIVE, which VACUUM FULL or a migration that has not
/// ended holds, also blocks reads.
/// </summary>
internal static class HistoryWait
{
    /// <summary>Longer than <c>deadlock_timeout</c>, and longer than the transactions of tools that record one migration.</summary>
    private const string Limit = "3s";

    /// <param name="connection">The session that the work uses. Its own lock_timeout is restored afterwards.</param>
    /// <exception cref="DbSafetyException"><c>DBS489</c> names the table and the session that has locked it.</exception>
    public static async Task<T> WithinLimitAsync<T>(this MigrationProject project, DatabaseTarget target, NpgsqlConnection connection, IOperationEvents events, Func<Task<T>> work, CancellationToken ct)
    {
        var before = await connection.ScalarAsync<string>("SELECT pg_catalog.current_setting('lock_timeout')", ct);
        await connection.ExecuteAsync($"SET lock_timeout = '{Limit}'", ct);
        await using var watcher = LockWatcher.Start(target, await connection.ScalarAsync<int>("SELECT pg_catalog.pg_backend_pid()", ct), events);
        try
        {
            var result = await work();
            await connection.ExecuteAsync($"SET lock_timeout = {SqlName.Literal(before!)}", ct);
            return result;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw ErrorCatalogue.HistoryLocked.Because(e, target.Database, watcher.Table ?? project.History.Name, watcher.Blockers ?? "a session that has disconnected");
        }
    }
}
