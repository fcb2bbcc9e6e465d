using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>
/// Watches for sessions of others beside a command, whose own writes nobody counts: wherever another session was connected, its writes
/// cannot be told from the command's.
/// </summary>
internal sealed class ForeignSessions : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Sessions that have ended stay in the view for a moment.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(3);

    private readonly DatabaseTarget target;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task watching;
    private volatile ConcurrentWrites.Unknown? found;

    private ForeignSessions(DatabaseTarget target)
    {
        this.target = target;
        watching = Task.Run(WatchAsync);
    }

    /// <summary>Returns when it has looked once.</summary>
    public static async Task<ForeignSessions> StartAsync(DatabaseTarget target)
    {
        var sessions = new ForeignSessions(target);
        await Task.WhenAny(sessions.looked.Task, sessions.watching);
        return sessions;
    }

    /// <summary>Looks once more, and ends the watch.</summary>
    /// <returns>The first session that was seen; null: none.</returns>
    public async Task<ConcurrentWrites.Unknown?> EndAsync(CancellationToken ct)
    {
        await DisposeAsync();
        if (found is not null)
            return found;
        try
        {
            await using var connection = await target.OpenAsync(ct, ConcurrentWriteCheck.SessionName);
            return await LookAsync(connection, ct);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return NotWatched(e);
        }
    }

    /// <summary>Waits a moment for sessions to end.</summary>
    public static async Task<ConcurrentWrites.Unknown?> LookAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            for (var clock = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(Interval, ct))
            {
                if (await AnyAsync(connection, ct) is not { } session)
                    return null;
                if (clock.Elapsed > Ending)
                    return Of(session);
            }
        }
        catch (NpgsqlException e)
        {
            return NotWatched(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        await watching;
    }

    private static ConcurrentWrites.Unknown Of(string session) => new($"{session} was connected, and its writes cannot be told from the command's");

    private static ConcurrentWrites.Unknown NotWatched(Exception e) => new($"the sessions of the database could not be watched: {e.Message}");

    private async Task WatchAsync()
    {
        try
        {
            await using var connection = await target.OpenAsync(stop.Token, ConcurrentWriteCheck.SessionName);
            while (found is null)
            {
                if (await AnyAsync(connection, stop.Token) is { } session)
                    found = Of(session);
                looked.TrySetResult();
                await Task.Delay(Interval, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It has been watched for as long as it was to be.
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            found = NotWatched(e);
        }
    }

    private static Task<string?> AnyAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<string>(
            """
            SELECT pg_catalog.format('the session of pid %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND backend_type IS DISTINCT FROM 'autovacuum worker' AND backend_type IS DISTINCT FROM 'walsender'
              AND pid <> pg_catalog.pg_backend_pid() AND application_name NOT LIKE 'dbsafety%' LIMIT 1
            """, ct);
}
