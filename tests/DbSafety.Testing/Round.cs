using System.Globalization;

namespace DbSafety.Testing;

/// <summary>
/// A test that does the same thing many times at random places. <c>DBSAFETY_LONG=1</c> (<c>tests/run.sh --long</c>) makes it a long one;
/// <c>DBSAFETY_SEED</c> repeats one that failed.
/// </summary>
internal sealed class Round
{
    public Round(ITestOutputHelper output)
    {
        Seed = Environment.GetEnvironmentVariable("DBSAFETY_SEED") is { Length: > 0 } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next();
        Random = new Random(Seed);
        output.WriteLine($"{this}; {(IsLong ? "long" : "short")}");
    }

    public static bool IsLong => Environment.GetEnvironmentVariable("DBSAFETY_LONG") is { Length: > 0 } and not "0";

    public int Seed { get; }

    public Random Random { get; }

    /// <summary>
    /// A long round on several servers at once, each of which runs a part: <c>DBSAFETY_PART=1/3</c> takes the first, fourth, seventh … It needs the same <c>DBSAFETY_SEED</c> for all.
    /// </summary>
    public static IReadOnlyList<T> Part<T>(IReadOnlyList<T> all)
    {
        if (Environment.GetEnvironmentVariable("DBSAFETY_PART")?.Split('/') is not [var number, var parts])
            return all;
        var (first, every) = (int.Parse(number, CultureInfo.InvariantCulture) - 1, int.Parse(parts, CultureInfo.InvariantCulture));
        return [.. all.Where((_, i) => i % every == first)];
    }

    /// <summary>Adds a line to the file <c>DBSAFETY_REPORT</c>, so that a round of hours shows how far it is.</summary>
    public static Task ReportAsync(string line) =>
        Environment.GetEnvironmentVariable("DBSAFETY_REPORT") is { Length: > 0 } file ? File.AppendAllTextAsync(file, line.ReplaceLineEndings(" ") + "\n") : Task.CompletedTask;

    public static int Times(int whenShort, int whenLong) => IsLong ? whenLong : whenShort;

    public override string ToString() => $"seed {Seed.ToString(CultureInfo.InvariantCulture)}";
}
