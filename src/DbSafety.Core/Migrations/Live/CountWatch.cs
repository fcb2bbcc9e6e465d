using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// Cancels a count that blocks another session: queries queue behind an ALTER TABLE that waits for it. It checks from a second session, which it
/// opens only if a count takes long.
/// </summary>
internal sealed class CountWatch(DatabaseTarget target, int pid, IOperationEvents events) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest time that another session waits, plus or minus an interval.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? connection;

    /// <summary>Runs a count, which may fail because it was cancelled.</summary>
    public async Task<T> OverAsync<T>(Func<Task<T>> count)
    {
        using var ended = new CancellationTokenSource();
        var watching = WatchAsync(ended.Token);
        try
        {
            return await count();
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
    }

    private async Task WatchAsync(CancellationToken ended)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval);
            for (var waited = TimeSpan.Zero; await timer.WaitForNextTickAsync(ended);)
            {
                connection ??= await target.OpenAsync(ended, "dbsafety lock watch");
                var waits = await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE NOT l.granted AND $1 = ANY (pg_catalog.pg_blocking_pids(l.pid)))", ended, pid);
                waited = waits ? waited + Interval : TimeSpan.Zero;
                if (waited < WaitLimit)
                    continue;
                // Not the statement after the count: the caller waits for this.
                await connection.ExecuteAsync("SELECT pg_catalog.pg_cancel_backend($1)", CancellationToken.None, pid);
                events.Warning("a count was canceled because another session waited for its lock: the number of rows is unknown");
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The count has ended.
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Verbose($"cannot check whether sessions wait for a count: {e.Message}");
        }
    }
}
