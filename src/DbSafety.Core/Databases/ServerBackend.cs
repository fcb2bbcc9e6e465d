using Npgsql;

namespace DbSafety.Databases;

/// <summary>The server's process of one session. A process id alone is not enough: the server gives it to another session when this one has ended.</summary>
/// <param name="Started">pg_stat_activity.backend_start, in UTC, to the microsecond.</param>
internal sealed record ServerBackend(int Pid, string Started)
{
    /// <summary>pg_stat_activity.backend_start as <see cref="Started"/> has it.</summary>
    private const string StartedSql = "pg_catalog.to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

    /// <summary>The session that asks: columns pid and started.</summary>
    public const string OwnSql = $"SELECT pid, {StartedSql} AS started FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<ServerBackend> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(OwnSql, r => new ServerBackend(r.GetInt32(0), r.GetString(1)), ct)).Single();

    /// <summary>Ends it, if it is still there, and waits until it is gone: its transaction has ended then, and its locks are released.</summary>
    /// <param name="connection">Another session of the same role.</param>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> EndAsync(NpgsqlConnection connection, TimeSpan patience)
    {
        for (var until = DateTime.UtcNow + patience; ; await Task.Delay(Pause))
        {
            var ended = await connection.ListAsync(
                $"SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND {StartedSql} = $2", r => r.GetBoolean(0), CancellationToken.None, Pid, Started);
            if (ended.Count == 0)
                return true;
            if (DateTime.UtcNow > until)
                return false;
        }
    }

    /// <summary>Whether it waits for the next statement of its client, in a transaction.</summary>
    public Task<bool> IsIdleInTransactionAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ScalarAsync<bool>(
        $"SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND {StartedSql} = $2 AND state LIKE 'idle in transaction%')", ct, Pid, Started);
}
