using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// ACCESS SHARE locks on tables that other sessions changed again and again while a backup started, taken before the next attempt's snapshot and
/// held until pg_dump has its own. pg_dump would queue behind a session that waits for these locks, so they are released as soon as a session has
/// waited for <see cref="Longest"/>: a TRUNCATE with a shorter <c>lock_timeout</c> fails first, any other proceeds and is detected afterwards.
/// </summary>
internal sealed class EarlyLocks : IAsyncDisposable
{
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlConnection connection;
    private bool released;

    private EarlyLocks(NpgsqlConnection connection) => this.connection = connection;

    public static async Task<EarlyLocks> TakeAsync(DatabaseTarget target, IReadOnlyCollection<long> oids, CancellationToken ct)
    {
        var connection = await BackupSession.OpenAsync(target, ct);
        try
        {
            var names = await connection.ListAsync(
                "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::pg_catalog.oid[])",
                r => SqlName.Quote(r.GetString(0), r.GetString(1)),
                ct,
                oids.ToArray());
            await connection.ExecuteAsync($"BEGIN; SET LOCAL lock_timeout = {(long)Longest.TotalMilliseconds}", ct);
            if (names.Count > 0)
                await connection.ExecuteAsync($"LOCK TABLE ONLY {string.Join(", ONLY ", names)} IN ACCESS SHARE MODE", ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.UndefinedTable)
        {
            // pg_dump waits for the sessions that hold locks on a table.
            await connection.ExecuteAsync("ROLLBACK", ct);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        return new EarlyLocks(connection);
    }

    public async Task ReleaseAsync(CancellationToken ct)
    {
        if (!released)
            await connection.ExecuteAsync("ROLLBACK", ct);
        released = true;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
