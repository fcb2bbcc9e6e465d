using System.Globalization;
using Xunit.Abstractions;

namespace DbSafety.Integration.Tests.Rounds;

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

    public static int Times(int whenShort, int whenLong) => IsLong ? whenLong : whenShort;

    public override string ToString() => $"seed {Seed.ToString(CultureInfo.InvariantCulture)}";
}
