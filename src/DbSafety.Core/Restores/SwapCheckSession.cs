using System.Data;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// The session in the live database whose locks keep writers out while a condition decides. The rename waits for it to end, and nobody else can
/// connect then: from the condition's first look to the commit of the renames nothing can be written without being noticed.
/// </summary>
internal sealed class SwapCheckSession : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly ISwapCondition condition;

    private SwapCheckSession(NpgsqlConnection connection, ISwapCondition condition, int pid)
    {
        this.connection = connection;
        this.condition = condition;
        Pid = pid;
    }

    public int Pid { get; }

    /// <summary>The condition has decided, and the session is closed.</summary>
    public bool IsConfirmed { get; private set; }

    /// <param name="lockTimeout">How long the condition waits for each lock, unless it sets its own lock_timeout.</param>
    public static async Task<SwapCheckSession> HoldAsync(DatabaseTarget live, ISwapCondition condition, TimeSpan lockTimeout, CancellationToken ct)
    {
        var connection = await live.OpenAsync(ct, "dbsafety swap check");
        try
        {
            // A pooler's connection does not know the server's process.
            var pid = await connection.ScalarAsync<int>("SELECT pg_catalog.pg_backend_pid()", ct);
            await connection.ExecuteAsync($"SET lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
            await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
            // It is idle while the rename waits for its lock.
            if (lockTimeout > TimeSpan.Zero)
                await connection.ExecuteAsync($"SET LOCAL idle_in_transaction_session_timeout = {(long)(SessionSettings.IdleLimit + lockTimeout).TotalMilliseconds}", ct);
            await condition.HoldAsync(connection, ct);
            return new SwapCheckSession(connection, condition, pid);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task ConfirmAsync(CancellationToken ct)
    {
        await condition.ConfirmAsync(connection, ct);
        await connection.DisposeAsync();
        IsConfirmed = true;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
