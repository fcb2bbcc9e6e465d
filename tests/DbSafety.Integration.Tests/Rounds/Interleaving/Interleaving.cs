namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>A point of an operation, by its name and the how-many-eth time that it is reached.</summary>
internal sealed record RoundPoint(string Name, int Time)
{
    public bool IsSql => Name.StartsWith("sql: ", StringComparison.Ordinal);

    public override string ToString() => Time == 1 ? Name : $"{Name} (time {Time})";
}

/// <summary>Runs one operation with one action at one point, and judges it.</summary>
internal sealed class Interleaving(World world, RoundOperation operation, Contents setContents)
{
    /// <summary>Loops reach some points over and over.</summary>
    private const int MostTimes = 3;

    /// <summary>The points that the operation reaches by itself, found by running it; it has to keep its promises there, too.</summary>
    public async Task<(IReadOnlyList<RoundPoint> Points, IReadOnlyList<string> Problems)> DiscoverAsync()
    {
        var points = new HashSet<RoundPoint>();
        var problems = await RunAsync(null, null, (name, time) =>
        {
            lock (points)
            {
                if (time <= MostTimes)
                    points.Add(new RoundPoint(name, time));
            }
        });
        return ([.. points], problems.Problems);
    }

    /// <returns>Whether the point was reached this time, and what is wrong afterwards.</returns>
    public Task<(bool Reached, string Ended, IReadOnlyList<string> Problems)> RunAsync(RoundPoint point, RoundAction action, Random random) =>
        RunAsync(point, action, static (_, _) => { }, random);

    private async Task<(bool Reached, string Ended, IReadOnlyList<string> Problems)> RunAsync(RoundPoint? point, RoundAction? action, Action<string, int> seen, Random? random = null)
    {
        var (named, model, judge) = await Judge.PrepareAsync(world, operation, setContents);
        await using var others = new Others(world, model, operation, random ?? new Random(1));
        var (result, reached) = await RunAsync(point, action, seen, others);
        await others.EndAsync();
        named += result.Reported + string.Concat(others.SecondRuns.Select(r => r.Reported));
        await judge.CheckAsync(result, named, action, others);
        if (judge.Problems.Count == 0)
            await RunAgainAsync(judge, named);
        return (reached, result.ToString(), judge.Problems);
    }

    private async Task<(RoundResult Result, bool Reached)> RunAsync(RoundPoint? point, RoundAction? action, Action<string, int> seen, Others others)
    {
        var state = 0;
        using var listener = StepListener.AtEach(
            async (name, time) =>
            {
                seen(name, time);
                if (point is not null && name == point.Name && time == point.Time && Interlocked.CompareExchange(ref state, 1, 0) == 0)
                {
                    await action!.Run(others);
                    Volatile.Write(ref state, 2);
                }
                else if (Volatile.Read(ref state) == 2 && Interlocked.CompareExchange(ref state, 3, 2) == 2)
                {
                    await others.NextPointAsync();
                }
            },
            withSql: true);
        var result = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(world));
        return (result, state > 0);
    }

    /// <summary>The next run ends well or says why it does not, clears up, and loses nothing either.</summary>
    private async Task RunAgainAsync(Judge judge, string named)
    {
        var again = await RoundResult.OfAsync(operation.Name, RoundOperation.Place(world));
        named += again.Reported;
        await judge.CheckAgainAsync(again, named);
        if ((await world.DatabasesAsync()).Any(d => d.Contains("_restoring_", StringComparison.Ordinal)))
        {
            // A run that is refused early clears nothing; a restore does.
            var restored = await RoundResult.OfAsync("restore beside", RoundOperation.Place(world));
            await judge.CheckAgainAsync(restored, named + restored.Reported);
        }

        await judge.CheckLeftOversAsync();
    }
}
