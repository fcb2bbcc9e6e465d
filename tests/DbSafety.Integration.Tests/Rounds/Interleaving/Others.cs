using System.Diagnostics;
using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>
/// The sessions beside the operation. What waits for a lock that the operation holds goes on waiting while the operation goes on; it is awaited at
/// the end, and how long it waited is kept.
/// </summary>
internal sealed class Others(World world, Model model, RoundOperation operation, Random random) : IAsyncDisposable
{
    /// <summary>An action that is neither done nor seen waiting for a lock by then goes on by itself.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    /// <summary>What is held is let go by then, for the operation may be waiting for it.</summary>
    private static readonly TimeSpan HeldAtMost = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    private readonly List<IAsyncDisposable> open = [];
    private readonly List<Task> running = [];
    private readonly List<Func<Task>> atNext = [];
    private readonly List<Func<Task>> atEnd = [];
    private readonly List<RoundResult> second = [];

    public World World => world;

    public RoundOperation Operation => operation;

    public Random Random => random;

    /// <summary>The longest that a writer had to wait.</summary>
    public TimeSpan LongestWait { get; private set; }

    /// <summary>How second runs of ours ended.</summary>
    public IReadOnlyList<RoundResult> SecondRuns => second;

    /// <summary>Commits at once.</summary>
    public Task CommitAsync(Change change) => GoAsync(change, async session => await session.CommitAsync());

    /// <summary>Keeps its transaction open until the next point, or until the end.</summary>
    public Task HoldAsync(Change change, bool untilNext, bool rollBack = false) => GoAsync(change, session =>
    {
        Later(untilNext, () => rollBack ? session.RollBackAsync() : session.CommitAsync());
        return Task.CompletedTask;
    });

    /// <summary>A prepared transaction, which belongs to no session, committed at the end.</summary>
    public Task PrepareAsync(Change change)
    {
        var gid = "p" + random.Next().ToString(CultureInfo.InvariantCulture);
        return GoAsync(change, async session =>
        {
            await session.PrepareAsync(gid);
            Later(untilNext: false, () => session.CommitPreparedAsync(gid));
        });
    }

    /// <summary>A connection that does nothing and stays.</summary>
    public async Task StayAsync()
    {
        var connect = Task.Run(async () =>
        {
            try
            {
                var connection = await world.Admin.On("shop").OpenAsync(CancellationToken.None, "psql");
                lock (open)
                    open.Add(connection);
            }
            catch (DbSafetyException)
            {
                // The database is locked for longer than it waits, or has just been renamed: then it does not stay.
            }
        });
        lock (running)
            running.Add(connect);
        await Task.WhenAny(connect, Task.Delay(WaitLimit));
    }

    public async Task SecondRunAsync()
    {
        var run = Task.Run(async () =>
        {
            var result = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(world));
            lock (second)
                second.Add(result);
        });
        lock (running)
            running.Add(run);
        await Task.WhenAny(run, Task.Delay(WaitLimit));
    }

    public Task TerminateOursAsync(bool all) => PgServer.ExecuteAsync(
        world.Admin,
        $"""
        SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'dbsafety%' AND pid <> pg_backend_pid() ORDER BY backend_start, pid
        OFFSET {(all ? 0 : random.Next(3))} {(all ? "" : "LIMIT 1")}) s
        """);

    /// <summary>Fills the disk that backups go to, until the end.</summary>
    public async Task FillDiskAsync()
    {
        if (!world.HasOwnDisk)
            return;
        var path = Path.Combine(world.Backups, "filler");
        try
        {
            await using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var size in new[] { 1 << 16, 1 << 12, 1 })
            {
                try
                {
                    while (true)
                        await filler.WriteAsync(new byte[size]);
                }
                catch (IOException)
                {
                    // No space left for so much.
                }
            }
        }
        catch (IOException)
        {
            // Closing it tries to write once more.
        }

        Later(untilNext: false, () =>
        {
            File.Delete(path);
            return Task.CompletedTask;
        });
    }

    public async Task NextPointAsync()
    {
        foreach (var action in Take(atNext))
            await action();
    }

    /// <summary>Lets go of everything and waits for what is still under way.</summary>
    public async Task EndAsync()
    {
        foreach (var action in Take(atNext).Concat(Take(atEnd)))
            await action();
        Task[] all;
        lock (running)
            all = [.. running];
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(120));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in open)
            await one.DisposeAsync();
    }

    private async Task GoAsync(Change change, Func<OtherSession, Task> then)
    {
        var session = new OtherSession(world, model, change);
        lock (open)
            open.Add(session);
        var clock = Stopwatch.StartNew();
        var work = Task.Run(async () =>
        {
            if (await session.BeginAsync())
                await then(session);
            lock (running)
                LongestWait = clock.Elapsed > LongestWait ? clock.Elapsed : LongestWait;
        });
        lock (running)
            running.Add(work);
        while (!work.IsCompleted && clock.Elapsed < WaitLimit && !await WaitsAsync(session.ProcessId))
            await Task.WhenAny(work, Task.Delay(Interval));
    }

    private async Task<bool> WaitsAsync(int process) =>
        process != 0 && await PgServer.ScalarAsync<bool>(world.Admin, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {process} AND wait_event_type = 'Lock')");

    private void Later(bool untilNext, Func<Task> action)
    {
        var done = 0;
        Task Once() => Interlocked.Exchange(ref done, 1) == 0 ? action() : Task.CompletedTask;
        lock (atNext)
            (untilNext ? atNext : atEnd).Add(Once);
        _ = Task.Delay(HeldAtMost).ContinueWith(_ => Once(), TaskScheduler.Default);
    }

    private List<Func<Task>> Take(List<Func<Task>> actions)
    {
        lock (atNext)
        {
            List<Func<Task>> taken = [.. actions];
            actions.Clear();
            return taken;
        }
    }
}
