using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>The server's process of one session. A process id alone is not enough: the server gives it to another session when this one has ended.</summary>
/// <param name="Started">pg_stat_activity.backend_start, in UTC, to the microsecond; null: not visible.</param>
internal sealed record ServerBackend(int Pid, string? Started)
{
    /// <summary>pg_stat_activity.backend_start as <see cref="Started"/> has it.</summary>
    private const string StartedSql = "pg_catalog.to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

    /// <summary>
    /// A session whose role is another one than the role that logged in (ALTER ROLE … SET role) may neither see when it was started itself nor end its like. The
    /// role that logged in may, and every session may become it.
    /// </summary>
    public static readonly string[] LoginRoleSql = ["SELECT pg_catalog.set_config('dbsafety.role', pg_catalog.current_setting('role'), false)", "SELECT pg_catalog.set_config('role', 'none', false)"];

    /// <summary>Undoes <see cref="LoginRoleSql"/>.</summary>
    public const string FormerRoleSql = "SELECT pg_catalog.set_config('role', pg_catalog.current_setting('dbsafety.role'), false)";

    /// <summary>The session that asks: columns pid and started.</summary>
    public const string OwnSql = $"SELECT pid, {StartedSql} AS started FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<ServerBackend> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var backend = await OwnAsync(connection, ct);
        if (backend.Started is not null)
            return backend;
        await connection.ExecuteAsync(string.Join("; ", LoginRoleSql), ct);
        backend = await OwnAsync(connection, ct);
        await connection.ExecuteAsync(FormerRoleSql, ct);
        return backend;
    }

    private static async Task<ServerBackend> OwnAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(OwnSql, r => new ServerBackend(r.GetInt32(0), r.Text(1)), ct)).Single();

    /// <summary>Ends it, if it is still there, and waits until it is gone: its transaction has ended then, and its locks are released.</summary>
    /// <param name="connection">Another session of the role that logged in, which it is from then on. It terminates no session if it cannot distinguish the two.</param>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> EndAsync(NpgsqlConnection connection, TimeSpan waitLimit)
    {
        await connection.ExecuteAsync(LoginRoleSql[1], CancellationToken.None);
        for (var until = DateTime.UtcNow + waitLimit; ; await Task.Delay(Pause))
        {
            var found = await connection.ListAsync(
                $"""
                SELECT CASE WHEN started = $2 THEN pg_catalog.pg_terminate_backend(pid) END
                FROM (SELECT pid, {StartedSql} AS started FROM pg_catalog.pg_stat_activity WHERE pid = $1) AS a WHERE started IS NULL OR started = $2 OR $2 = ''
                """,
                r => r.GetValue(0),
                CancellationToken.None,
                Pid,
                Started ?? "");
            if (found.Count == 0)
                return true;
            if (DateTime.UtcNow > until)
                return false;
        }
    }

    /// <summary>Whether the session has not ended yet; a session that cannot be distinguished from another with the same process id counts as that session.</summary>
    public Task<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ScalarAsync<bool>(
        $"SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND ({StartedSql} IS NULL OR {StartedSql} = $2))", ct, Pid, Started ?? "");

    /// <summary>Whether it waits for the next statement of its client, in a transaction.</summary>
    public Task<bool> IsIdleInTransactionAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ScalarAsync<bool>(
        $"SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND {StartedSql} = $2 AND state LIKE 'idle in transaction%')", ct, Pid, Started ?? "");
}
