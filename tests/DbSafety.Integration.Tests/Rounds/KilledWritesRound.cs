using System.Diagnostics;
using DbSafety.Integration.Tests.Rounds.Interleaving;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary><c>kill -9</c> at random moments while an application commits 500 transactions a second: none that was acknowledged is lost.</summary>
public sealed class KilledWritesRound(RoundServer server, ITestOutputHelper output) : IClassFixture<RoundServer>
{
    private const double TransactionsASecond = 500;

    private static readonly string[] Operations = ["backup", "restore beside", "undo", "migrate sql", "migrate loose", "restore in place", "migrate fails, restores"];

    private World World => server.World;

    [Fact]
    public async Task No_acknowledged_commit_is_lost_when_a_run_is_killed_at_a_random_time()
    {
        var (round, clock) = (new Round(output), Stopwatch.StartNew());
        var setContents = await World.ReadSetAsync(World.Set);
        var durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        var (failures, kills, commits) = (new List<string>(), 0, 0L);
        var times = Round.Times(3, 200);
        for (var i = 0; i < times; i++)
        {
            var operation = RoundOperation.All.Single(o => o.Name == Operations[(i + (Round.IsLong ? 0 : round.Seed & 0xFF)) % Operations.Length]);
            var (named, model, judge) = await Judge.PrepareAsync(World, operation, setContents);
            // Without a time to go by, the first run of each is killed within the first two seconds.
            var moment = (durations.TryGetValue(operation.Name, out var known) ? known * 1.1 : TimeSpan.FromSeconds(2)) * round.Random.NextDouble();
            var (killed, reported, took) = await RunAsync(operation, model, moment, n => commits += n);
            if (!killed)
                durations[operation.Name] = took;
            kills += killed ? 1 : 0;
            if (killed)
            {
                await judge.CheckKilledAsync();
            }
            else
            {
                await judge.CheckNamedAsync(named + reported);
            }

            var again = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(World));
            await judge.CheckAgainAsync(again, string.Join('\n', await World.DatabasesAsync()) + string.Join('\n', Directory.GetFiles(World.Backups, "*.json")) + named + reported + again.Reported);
            if (judge.Problems.Count > 0)
                failures.Add($"{operation} | killed after {moment.TotalSeconds:0.000} s ({(killed ? "killed" : "it ended before")}) | {round}, {i}\n  {string.Join("\n  ", judge.Problems)}");
        }

        output.WriteLine($"{kills} of {times} runs were killed while {commits:N0} transactions were committed in {clock.Elapsed.TotalSeconds:0} s");
        Assert.True(failures.Count == 0, $"{failures.Count} of {times} failed\n{string.Join("\n", failures)}");
    }

    private async Task<(bool Killed, string Reported, TimeSpan Took)> RunAsync(RoundOperation operation, Model model, TimeSpan moment, Action<long> count)
    {
        await using var writer = new Writer(World.Admin.On("shop"), model, TransactionsASecond);
        var clock = Stopwatch.StartNew();
        using var run = CrashHostRun.Start(operation.Name, 0, RoundOperation.Place(World));
        var end = run.EndAsync();
        // The program itself starts in a third of a second.
        await Task.WhenAny(end, Task.Delay(TimeSpan.FromSeconds(0.2) + moment));
        run.Kill();
        var (killed, _, reported, _) = await end;
        var took = clock.Elapsed;
        await World.OursEndAsync();
        await writer.StopAsync();
        count(writer.Committed);
        return (killed, reported, took);
    }
}
