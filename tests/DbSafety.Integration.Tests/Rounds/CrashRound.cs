using System.Diagnostics;
using System.Globalization;
using DbSafety.Integration.Tests.Rounds.Interleaving;
using Xunit.Abstractions;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>
/// Every operation runs in a process of its own that kills itself with SIGKILL at side effect number 1, 2, 3 … (a named point, the end of an SQL command,
/// a program that was started) until it completes. Each time the database is the old or the new one, complete, and the next run clears up.
/// </summary>
public sealed class CrashRound(RoundServer server, ITestOutputHelper output) : IClassFixture<RoundServer>
{
    /// <summary>Of all operations, in the short run.</summary>
    private const int ShortOperations = 3;

    private const int ShortKills = 3;

    private World World => server.World;

    [Fact]
    public async Task Killed_at_any_side_effect_the_database_is_complete_and_the_next_run_clears_up()
    {
        var (round, clock) = (new Round(output), Stopwatch.StartNew());
        var setContents = await World.ReadSetAsync(World.Set);
        var operations = RoundOperation.All.Where(o => o.Name != "migrate rehearsed" || Round.IsLong).ToArray();
        round.Random.Shuffle(operations);
        var (failures, kills) = (new List<string>(), 0);
        foreach (var operation in Round.IsLong ? operations : operations[..ShortOperations])
        {
            var effects = Round.IsLong ? int.MaxValue : await CountAsync(operation);
            for (var i = 1; i <= (Round.IsLong ? int.MaxValue : ShortKills); i++)
            {
                var killAt = Round.IsLong ? i : 1 + round.Random.Next(Math.Max(1, effects));
                var (killed, at, problems) = await KillAsync(operation, killAt, setContents);
                if (problems.Count > 0)
                    failures.Add($"{operation} | {at} | {round}\n  {string.Join("\n  ", problems)}");
                if (Round.IsLong && !killed)
                {
                    output.WriteLine($"{operation}: killed at each of {i - 1} side effects");
                    break;
                }

                kills += killed ? 1 : 0;
            }
        }

        output.WriteLine($"{kills} kills in {clock.Elapsed.TotalSeconds:0} s");
        Assert.True(failures.Count == 0, $"{failures.Count} of {kills} failed\n{string.Join("\n", failures)}");
    }

    private async Task<int> CountAsync(RoundOperation operation)
    {
        await operation.PrepareAsync(World);
        using var run = CrashHostRun.Start(operation.Name, 0, RoundOperation.Place(World));
        var ended = await run.EndAsync();
        return int.Parse(ended.Output.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture);
    }

    private async Task<(bool Killed, string At, IReadOnlyList<string> Problems)> KillAsync(RoundOperation operation, int killAt, Contents setContents)
    {
        var (named, _, judge) = await Judge.PrepareAsync(World, operation, setContents);
        using var run = CrashHostRun.Start(operation.Name, killAt, RoundOperation.Place(World));
        var (killed, exitCode, said, error) = await run.EndAsync();
        await World.OursEndAsync();
        var at = killed ? error.Trim() : $"side effect {killAt} was not reached, exit code {exitCode}: {error}";
        await judge.CheckKilledAsync();
        if (judge.Problems.Count > 0)
            return (killed, at, judge.Problems);

        var again = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(World));
        await judge.CheckAgainAsync(again, string.Join('\n', (await World.DatabasesAsync()).Concat(Directory.GetFiles(World.Backups, "*.json")).Append(World.Set)) + named + said + again.Said);
        if (operation.Name == "restore beside" && judge.Problems.Count == 0)
            await CheckUndoAsync(judge);
        if ((await World.DatabasesAsync()).Any(d => d.Contains("_restoring_", StringComparison.Ordinal)))
            await RoundResult.OfAsync("restore beside", RoundOperation.Place(World));
        await judge.CheckLeftOversAsync();
        return (killed, at, judge.Problems);
    }

    /// <summary>A kill after the swap and the next run make two restores, of which only the last one is undone.</summary>
    private async Task CheckUndoAsync(Judge judge)
    {
        var retained = (await World.DatabasesAsync()).Count(d => d.Contains("_before_", StringComparison.Ordinal));
        var undo = await RoundResult.OfAsync("undo", RoundOperation.Place(World));
        if (retained == 1 || !undo.Succeeded)
            await judge.CheckUndoneAsync(undo);
    }
}
