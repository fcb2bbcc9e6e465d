using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Sessions;

/// <summary>
/// Prevents two runs on the same database: an advisory lock in a maintenance database, held by a session whose application name identifies
/// the run. It ends with the session, however that ends.
/// </summary>
internal sealed class ServerLock : IAsyncDisposable
{
    private const int Space = 0x44425366; // 'DBSf', so as not to meet other programs' locks

    private const string Prefix = "dbsafety ";

    private static readonly TimeSpan EndWaitLimit = TimeSpan.FromSeconds(2);

    private readonly DatabaseTarget target;
    private readonly NpgsqlConnection connection;
    private readonly ServerBackend backend;
    private readonly int key;

    private ServerLock(DatabaseTarget target, NpgsqlConnection connection, ServerBackend backend, int key)
    {
        (this.target, this.connection) = (target, connection);
        (this.backend, this.key) = (backend, key);
    }

    /// <summary>The session that holds the lock, in the maintenance database.</summary>
    public NpgsqlConnection Connection => connection;

    /// <exception cref="DbSafetyException"><c>DBS115</c>, with the session of the other run; <c>DBS466</c>.</exception>
    public static async Task<ServerLock> TakeAsync(DatabaseTarget target, string work, CancellationToken ct)
    {
        var who = $"{Prefix}{work} by {Environment.UserName}@{Environment.MachineName} pid {Environment.ProcessId}";
        var connection = await target.OpenMaintenanceAsync(ct, who.Length > 63 ? who[..63] : who, target.Database);
        try
        {
            var key = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(target.Database)));
            var isOurs = await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_try_advisory_lock($1, $2)", ct, Space, key);
            // Advisory locks belong to one database, and another run's role can use another maintenance database: all are checked. Each run
            // checks after it has locked, so that at least one of two runs sees the other.
            var others = await connection.ListAsync(
                "SELECT a.application_name, a.backend_start, a.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1 AND l.objid::bigint = $2 AND l.objsubid = 2 AND l.pid <> pg_catalog.pg_backend_pid()",
                r => (Name: r.Text(0) ?? "", Since: r.IsDBNull(1) ? "" : $", since {r.GetDateTime(1).ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}", Pid: r.GetInt32(2)),
                ct,
                (long)Space,
                (long)unchecked((uint)key));
            if (isOurs && others.Count == 0)
                return new ServerLock(target, connection, await ServerBackend.ReadAsync(connection, ct), key);
            // A pooler that resets a server session resets its application_name, and can keep its locks.
            if (others.Count > 0 && others.All(o => !o.Name.StartsWith(Prefix, StringComparison.Ordinal)))
                throw ErrorCatalogue.LockKept.For(target.Database, string.Join("; ", others.Select(o => $"pid {o.Pid}{(o.Name.Length == 0 ? "" : $" ({o.Name})")}{o.Since}")), others[0].Pid);
            throw ErrorCatalogue.AnotherRun.For(target.Database, others.Count == 0 ? "its session has just ended" : $"{others[0].Name}{others[0].Since}");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Released explicitly: a closed session takes a moment to end, and the next run can start before that.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await connection.ExecuteAsync("SELECT pg_catalog.pg_advisory_unlock($1, $2)", CancellationToken.None, Space, key);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The session is broken, and its lock goes with it, unless the server has not noticed.
            if (LostSession.IsLost(connection))
                await LostSession.EndAsync(target, backend, EndWaitLimit, [target.Database]);
        }

        await connection.DisposeAsync();
    }
}
