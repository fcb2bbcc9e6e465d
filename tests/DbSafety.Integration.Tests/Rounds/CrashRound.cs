using System.Diagnostics;
using System.Globalization;
using DbSafety.Integration.Tests.Rounds.Interleaving;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>
/// Every operation runs in a process of its own that kills itself with SIGKILL at side effect number 1, 2, 3 … (a named point, the end of an SQL command,
/// a program that was started) until it completes. Each time the database is the old or the new one, complete, and the next run clears up.
/// </summary>
public sealed class CrashRound(RoundServer server, ITestOutputHelper output) : IClassFixture<RoundServer>
{
    /// <summary>Most operations have about as many side effects.</summary>
    private const int ShortRange = 120;

    private World World => server.World;

    public static TheoryData<string> Operations => [.. RoundOperation.Today.Where(o => Round.IsLong || o.Name != "migrate rehearsed").Select(o => o.Name)];

    /// <summary>Long: at each; short: at one.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public async Task The_database_is_intact_after_a_kill_at_any_side_effect_and_the_next_run_cleans_up(string name)
    {
        var (round, clock) = (new Round(output), Stopwatch.StartNew());
        var operation = RoundOperation.All.Single(o => o.Name == name);
        var setContents = await World.ReadSetAsync(World.Set);
        var (failures, kills) = (new List<string>(), 0);
        var killAt = Round.IsLong ? 1 : 1 + round.Random.Next(ShortRange);
        while (true)
        {
            var (effects, at, problems) = await KillAsync(operation, killAt, setContents);
            output.WriteLine($"{name}: {at}");
            if (problems.Count > 0)
                failures.Add($"{name} | {at} | {round}\n  {string.Join("\n  ", problems)}");
            kills += effects is null ? 1 : 0;
            if (effects is null ? !Round.IsLong : Round.IsLong || effects == 0)
                break;
            // Short, and the operation has fewer side effects than that.
            killAt = effects is { } all ? 1 + round.Random.Next(all) : killAt + 1;
        }

        output.WriteLine($"{name}: {kills} kills in {clock.Elapsed.TotalSeconds:0} s");
        Assert.True(failures.Count == 0, $"{failures.Count} of {kills} failed\n{string.Join("\n", failures)}");
    }

    /// <returns>How many side effects there were; null: it was killed.</returns>
    private async Task<(int? Effects, string At, IReadOnlyList<string> Problems)> KillAsync(RoundOperation operation, int killAt, Contents setContents)
    {
        var (named, _, judge) = await Judge.PrepareAsync(World, operation, setContents);
        using var run = CrashHostRun.Start(operation.Name, killAt, RoundOperation.Place(World));
        var (killed, exitCode, reported, error) = await run.EndAsync();
        await World.OursEndAsync();
        int? effects = killed ? null : int.Parse(reported.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture);
        var at = killed ? error.Trim() : $"completed with {effects} side effects, exit code {exitCode} {error}";
        if (exitCode == CrashHost.Program.NotInTheCatalogue)
            return (effects, at, [reported]);
        await judge.CheckKilledAsync();
        if (judge.Problems.Count > 0)
            return (effects, at, judge.Problems);

        var again = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(World));
        await judge.CheckAgainAsync(again, string.Join('\n', (await World.DatabasesAsync()).Concat(Directory.GetFiles(World.Backups, "*.json")).Append(World.Set)) + named + reported + again.Reported);
        if (operation.Name == "restore beside" && judge.Problems.Count == 0)
            await CheckUndoAsync(judge);
        if ((await World.DatabasesAsync()).Any(d => d.Contains("_restoring_", StringComparison.Ordinal)))
            await RoundResult.OfAsync("restore beside", RoundOperation.Place(World));
        await judge.CheckLeftOversAsync();
        return (effects, at, judge.Problems);
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
