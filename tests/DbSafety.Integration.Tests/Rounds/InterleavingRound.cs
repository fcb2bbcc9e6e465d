using System.Diagnostics;
using DbSafety.Integration.Tests.Rounds.Interleaving;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>
/// Every operation is stopped at every point that it reaches (its named points, and the end of each of its SQL commands) while another session acts:
/// a row that this session was told is committed is afterwards in the live database or in a place that the result names, and what the result says is true.
/// </summary>
public sealed class InterleavingRound(RoundServer server, ITestOutputHelper output) : IClassFixture<RoundServer>
{
    public static TheoryData<string> Operations => [.. RoundOperation.Today.Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task No_committed_row_is_lost_regardless_of_concurrent_writes_at_any_point(string name)
    {
        var (round, clock) = (new Round(output), Stopwatch.StartNew());
        var operation = RoundOperation.All.Single(o => o.Name == name);
        var world = server.World;
        var interleaving = new Interleaving.Interleaving(world, operation, await world.ReadSetAsync(world.Set));
        var (points, problems) = await interleaving.DiscoverAsync();
        Assert.True(problems.Count == 0, $"{name} by itself: {string.Join("\n", problems)}");
        foreach (var point in points.Where(p => !p.IsSql))
            output.WriteLine($"point: {point}");

        var all = Round.Part(Choose(points, Round.IsLong ? await SharedAsync(operation, points) : [], round));
        output.WriteLine($"{name}: {points.Count(p => !p.IsSql)} named points, {points.Count(p => p.IsSql)} ends of SQL commands, {RoundAction.All.Count} actions; {all.Count} combinations");
        var (failures, missed) = (new List<string>(), 0);
        foreach (var (point, action) in all)
        {
            var (reached, ended, wrong) = await interleaving.RunAsync(point, action, new Random(round.Seed));
            missed += reached ? 0 : 1;
            await Round.ReportAsync($"{name} | {point} | {action} | {(!reached ? "not reached" : wrong.Count == 0 ? "held" : "FAILED " + string.Join(" / ", wrong))}");
            if (wrong.Count > 0)
                failures.Add($"{name} | {point} | {action} | {round}\n  it {ended}\n  {string.Join("\n  ", wrong)}");
        }

        output.WriteLine($"{all.Count - missed} ran in {clock.Elapsed.TotalSeconds:0} s; {missed} points were not reached this time");
        Assert.True(failures.Count == 0, $"{failures.Count} of {all.Count} failed\n{string.Join("\n", failures)}");
    }

    /// <summary>The points at the beginning that the operation has in common with another one, where they are combined with all actions.</summary>
    private async Task<HashSet<RoundPoint>> SharedAsync(RoundOperation operation, IReadOnlyList<RoundPoint> points)
    {
        if (operation.BeginsAs is not { } name)
            return [];
        var other = RoundOperation.All.Single(o => o.Name == name);
        var (others, _) = await new Interleaving.Interleaving(server.World, other, await server.World.ReadSetAsync(server.World.Set)).DiscoverAsync();
        return [.. points.Where(p => !p.IsSql).TakeWhile(others.Contains)];
    }

    /// <summary>
    /// Long: all named points with all actions, and a hundred at random of the others and of those that another operation shares; short: a few at random. <c>DBSAFETY_ROUND</c> names one as a
    /// failure prints it: a part of the point and a part of the action, with a bar between them; <c>DBSAFETY_ROUND_SIZE</c> is the number of others, half of
    /// them at named points.
    /// </summary>
    private static List<(RoundPoint Point, RoundAction Action)> Choose(IReadOnlyList<RoundPoint> points, HashSet<RoundPoint> shared, Round round)
    {
        var all = points.SelectMany(p => RoundAction.All.Select(a => (Point: p, Action: a))).ToList();
        if (Environment.GetEnvironmentVariable("DBSAFETY_ROUND") is { Length: > 0 } wanted)
        {
            var parts = wanted.Split('|', StringSplitOptions.TrimEntries);
            return [.. all.Where(c => c.Point.ToString().Contains(parts[0], StringComparison.Ordinal) && c.Action.Name.Contains(parts[^1], StringComparison.Ordinal))];
        }

        var (named, sql) = (all.Where(c => !c.Point.IsSql && !shared.Contains(c.Point)).ToList(), all.Where(c => c.Point.IsSql || shared.Contains(c.Point)).ToArray());
        round.Random.Shuffle(sql);
        if (Round.IsLong)
            return [.. named, .. sql.Take(100)];
        var some = named.ToArray();
        round.Random.Shuffle(some);
        if (int.TryParse(Environment.GetEnvironmentVariable("DBSAFETY_ROUND_SIZE"), out var size))
            return [.. some.Take(size / 2), .. sql.Take(size - (size / 2))];
        return [.. (some.Length > 0 && round.Random.Next(3) > 0 ? some : sql).Take(1)];
    }
}
