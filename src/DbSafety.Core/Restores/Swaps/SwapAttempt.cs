using System.Data;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// One transaction that renames both databases. A rename acquires an ACCESS EXCLUSIVE lock on the database, which blocks new sessions, and
/// then waits up to 5 seconds for the remaining sessions (CountOtherDBBackends in PostgreSQL's procarray.c); the second session terminates these.
/// </summary>
internal sealed class SwapAttempt(SwapRequest request, SwapDatabases databases, NpgsqlConnection renamer, NpgsqlConnection ender, IOperationEvents events)
{
    private static readonly TimeSpan RollbackWaitLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long the server waits for the next statement while the renames hold their locks. They follow each other at once: only a client that has disconnected
    /// or is suspended takes longer, and until then no session can connect to the database.
    /// </summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(15);

    private readonly HashSet<int> named = [];

    private ServerBackend backend = new(0, "");

    /// <exception cref="PostgresException">A session or a lock blocked the rename; nothing is changed.</exception>
    /// <exception cref="DbSafetyException">A session cannot be terminated, or the condition refuses; nothing is changed. Or the outcome is unknown: <c>DBS331</c>.</exception>
    public async Task RunAsync(TimeSpan lockTimeout, CancellationToken ct)
    {
        var (live, current, next) = (request.Server.On(request.Current), SqlName.Quote(request.Current), SqlName.Quote(request.Next));
        await using var check = request.Condition is { } condition ? await SwapCheckSession.HoldAsync(live, condition, lockTimeout, events, ct) : null;
        if (check is not null)
            StepPoint.Reach("swap: condition holds");
        await renamer.ExecuteAsync($"SET lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
        backend = await ServerBackend.ReadAsync(renamer, ct);
        await using var transaction = await renamer.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        long id;
        try
        {
            await renamer.ExecuteAsync(LostSession.LimitSql(IdleLimit), ct);
            id = await renamer.ScalarAsync<long>("SELECT pg_catalog.txid_current()", ct);
            await RenameAsync($"ALTER DATABASE {current} RENAME TO {SqlName.Quote(request.Kept)}", databases.Current, check, ct);
            StepPoint.Reach("swap: current database renamed");
            await RenameAsync($"ALTER DATABASE {next} RENAME TO {current}", databases.Next, null, ct);
            StepPoint.Reach("swap: both databases renamed");
            if (request.BeforeCommit is { } last)
                await last(renamer, ct);
            await databases.CheckAsync(renamer, request, ct);
            ct.ThrowIfCancellationRequested();
        }
        catch
        {
            await RollBackAsync(transaction);
            // If the server has not noticed that the connection is lost, the locks stay, and no session can connect.
            if (LostSession.IsLost(renamer))
                await LostSession.EndOrWarnAsync(request.Server, backend, request.ReconnectFor, events, Names);
            throw;
        }

        await CommitAsync(transaction, id);
    }

    private string[] Names => [request.Current, request.Next, request.Kept];

    private async Task RenameAsync(string sql, uint database, SwapCheckSession? check, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var isLocked = false;
        var rename = renamer.ExecuteAsync(sql, stop.Token);
        try
        {
            for (var isFirst = true; !rename.IsCompleted; isFirst = false)
            {
                if (!isLocked && await IsLockedAsync(database, ct))
                {
                    isLocked = true;
                    StepPoint.Reach("swap: database locked");
                }

                // No session is terminated earlier: it could reconnect.
                if (isLocked)
                    await EndOthersAsync(database, check, ct);
                await Task.WhenAny(rename, Task.Delay(isFirst ? TimeSpan.FromMilliseconds(1) : Pause, ct));
                ct.ThrowIfCancellationRequested();
            }
        }
        catch
        {
            await stop.CancelAsync();
            await rename.ContinueWith(static r => _ = r.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }

        await rename;
        // The rename waits for this session. If it did not, the session was terminated, and nothing was decided.
        if (check is { IsConfirmed: false })
            throw ErrorCatalogue.SwapBlocked.For(request.Current, "the session that checks the data was terminated by another session");
    }

    /// <summary>Whether the rename has its lock: from then on no new session can connect to the database.</summary>
    private Task<bool> IsLockedAsync(uint database, CancellationToken ct) => ender.ScalarAsync<bool>(
        """
        SELECT EXISTS (
            SELECT 1 FROM pg_catalog.pg_locks
            WHERE locktype = 'object' AND database = 0 AND classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND objid::bigint = $1 AND mode = 'AccessExclusiveLock' AND granted AND pid = $2)
        """,
        ct,
        (long)database,
        backend.Pid);

    private async Task EndOthersAsync(uint database, SwapCheckSession? check, CancellationToken ct)
    {
        var others = await DatabaseSessions.ListAsync(ender, database, ct, check is { IsConfirmed: false } ? [check.Pid] : []);
        SwapChecks.RefuseUnendable(request.Server, request.Current, others);
        if (others.Count > 0)
        {
            foreach (var replication in others.Where(o => o.Type == "walsender" && named.Add(o.Pid)))
                events.Warning($"terminates the logical replication connection {replication}: its replication slot belongs to {request.Kept} after the swap");
            await DatabaseSessions.EndAsync(ender, others, ct);
        }
        else if (check is { IsConfirmed: false })
        {
            StepPoint.Reach("swap: no other session is left");
            await check.ConfirmAsync(ct);
            StepPoint.Reach("swap: condition confirmed");
        }
    }

    private async Task CommitAsync(NpgsqlTransaction transaction, long id)
    {
        try
        {
            StepPoint.Reach("swap: before commit");
            await transaction.CommitAsync(CancellationToken.None);
            StepPoint.Reach("swap: committed");
        }
        catch (NpgsqlException e)
        {
            var lost = new LostCommit(request.Server, Names, backend, id, request.ReconnectFor);
            var (isCommitted, problem) = await lost.ResolveAsync(
                async c => await SwapChecks.OidAsync(c, request.Current, CancellationToken.None) is not { } found ? null : found == databases.Next ? true : found == databases.Current ? false : null, e, events);
            if (isCommitted is null)
                throw ErrorCatalogue.SwapUnknown.Because(e, request.Current, problem, databases.Current, databases.Next);
            if (isCommitted == false)
                throw ErrorCatalogue.SwapBlocked.Because(e, request.Current, $"the renames were not committed ({e.Message})");
            events.Warning($"the connection was lost when the swap was committed; a new connection shows that the swap is committed: {request.Current} is the database with the OID {databases.Next}");
        }
    }

    /// <summary>Rolls back, or breaks a connection on which the server does not answer.</summary>
    public static async Task RollBackAsync(NpgsqlTransaction transaction)
    {
        try
        {
            using var waitLimit = new CancellationTokenSource(RollbackWaitLimit);
            await transaction.RollbackAsync(waitLimit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is broken: PostgreSQL rolls back when it ends the session.
        }
    }
}
