using System.Diagnostics;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Runs alone, with an engine of its own: what others do at the same time would be measured too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExecSpeedCollection : ICollectionFixture<DockerEngineFixture>
{
    public const string Name = "Docker engine, measured";
}

/// <summary>How fast bytes go through an exec, and how little memory that takes.</summary>
[Collection(ExecSpeedCollection.Name)]
public sealed class ExecSpeedTests(DockerEngineFixture docker) : IDisposable
{
    private const long FlatMemory = 64 << 20;

    private readonly DockerEngine engine = new(docker.Address);

    /// <summary>1 GB in the long run.</summary>
    private static long Bytes => Environment.GetEnvironmentVariable("DBSAFETY_LONG") is { Length: > 0 } ? 1L << 30 : 1L << 27;

    public void Dispose() => engine.Dispose();

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exec_uses_constant_memory_and_its_speed_relative_to_docker_exec_is_recorded(bool outwards)
    {
        var container = await docker.CreateAsync("speed-" + outwards, TestImages.App);
        await docker.DockerAsync("start", container);
        await OursAsync(container, outwards);
        var (theirs, ours) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        using var stop = new CancellationTokenSource();
        var before = Memory();
        var most = WatchAsync(stop.Token);
        for (var round = 0; round < 3; round++)
        {
            theirs = Best(theirs, await TheirsAsync(container, outwards));
            ours = Best(ours, await OursAsync(container, outwards));
        }

        await stop.CancelAsync();
        Assert.InRange(await most - before, long.MinValue, FlatMemory);
        // A ratio to read, not to assert: machines that tests share waver.
        await File.AppendAllTextAsync(
            Path.Combine(Path.GetTempPath(), "dbsafety-exec-speed.txt"),
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(outwards ? "out" : "in")}: {Bytes >> 20} MiB, docker exec {theirs.TotalSeconds:0.00} s, ours {ours.TotalSeconds:0.00} s, {theirs / ours:0.00} times its speed\n"));
    }

    private static long Memory()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static async Task<long> WatchAsync(CancellationToken ct)
    {
        var most = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!ct.IsCancellationRequested)
        {
            most = Math.Max(most, Memory());
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return most;
    }

    private static TimeSpan Best(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<TimeSpan> OursAsync(string container, bool outwards)
    {
        var clock = Stopwatch.StartNew();
        var result = await engine.ExecAsync(Request(container, outwards), (s, ct) => s.CopyToAsync(Stream.Null, 256 * 1024, ct), outwards ? null : (s, ct) => ZerosAsync(s, Bytes, ct), CancellationToken.None);
        Assert.Equal(0, result.ExitCode);
        return clock.Elapsed;
    }

    private async Task<TimeSpan> TheirsAsync(string container, bool outwards)
    {
        var clock = Stopwatch.StartNew();
        await docker.PumpAsync(["exec", .. outwards ? [] : (string[])["-i"], container, .. Request(container, outwards).Command], outwards ? null : (s, ct) => ZerosAsync(s, Bytes, ct));
        return clock.Elapsed;
    }

    private static ExecRequest Request(string container, bool outwards) => outwards
        ? new ExecRequest(container, "head", "-c", Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), "/dev/zero")
        : new ExecRequest(container, "sh", "-c", "exec cat > /dev/null");

    internal static async Task ZerosAsync(Stream target, long count, CancellationToken ct)
    {
        var zeros = new byte[256 * 1024];
        for (; count > 0; count -= zeros.Length)
            await target.WriteAsync(zeros.AsMemory(0, (int)Math.Min(count, zeros.Length)), ct);
    }
}
