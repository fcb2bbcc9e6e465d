using System.Data;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// The session in the live database whose locks block writers while a condition decides. The rename waits for it to end, and no other session can
/// connect then: from the condition's first check to the commit of the renames, every write is noticed.
/// </summary>
internal sealed class SwapCheckSession : IAsyncDisposable
{
    /// <summary>How long it may be idle beyond the time that the rename waits for its lock: the rename then waits 5 seconds for sessions to end.</summary>
    private static readonly TimeSpan IdleBeyondLock = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndWaitLimit = TimeSpan.FromSeconds(15);

    private readonly DatabaseTarget live;
    private readonly NpgsqlConnection connection;
    private readonly ServerBackend backend;
    private readonly ISwapCondition condition;
    private readonly IOperationEvents events;

    private SwapCheckSession(DatabaseTarget live, NpgsqlConnection connection, ServerBackend backend, ISwapCondition condition, IOperationEvents events)
    {
        (this.live, this.connection, this.backend) = (live, connection, backend);
        (this.condition, this.events) = (condition, events);
    }

    public int Pid => backend.Pid;

    /// <summary>The condition has decided, and the session is closed.</summary>
    public bool IsConfirmed { get; private set; }

    /// <param name="lockTimeout">How long the condition waits for each lock, unless it sets its own lock_timeout.</param>
    public static async Task<SwapCheckSession> HoldAsync(DatabaseTarget live, ISwapCondition condition, TimeSpan lockTimeout, IOperationEvents events, CancellationToken ct)
    {
        var connection = await live.OpenAsync(ct, "dbsafety swap check");
        SwapCheckSession? session = null;
        try
        {
            // A pooler's connection does not know the server's process.
            session = new SwapCheckSession(live, connection, await ServerBackend.ReadAsync(connection, ct), condition, events);
            await connection.ExecuteAsync($"SET lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
            await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
            // It is idle while the rename waits for its lock.
            if (lockTimeout > TimeSpan.Zero)
                await connection.ExecuteAsync(LostSession.LimitSql(lockTimeout + IdleBeyondLock), ct);
            await condition.HoldAsync(connection, ct);
            return session;
        }
        catch
        {
            await (session?.DisposeAsync() ?? connection.DisposeAsync());
            throw;
        }
    }

    public async Task ConfirmAsync(CancellationToken ct)
    {
        await condition.ConfirmAsync(connection, ct);
        await connection.DisposeAsync();
        IsConfirmed = true;
    }

    /// <summary>Where its connection was lost, the server has possibly not noticed: its locks would block writers.</summary>
    public async ValueTask DisposeAsync()
    {
        var isLost = !IsConfirmed && LostSession.IsLost(connection);
        await connection.DisposeAsync();
        if (isLost)
            await LostSession.EndOrWarnAsync(live, backend, EndWaitLimit, events, live.Database);
    }
}
