using System.Diagnostics;
using DbSafety.Audit;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>Two writers of the log at a time, killed at random moments: no line is torn, and none is lost that its writer was told is written.</summary>
public sealed class KilledLogRound(ITestOutputHelper output)
{
    private readonly Round round = new(output);

    [Fact]
    public async Task Killed_writers_of_the_log_leave_every_written_line()
    {
        using var folder = new TempFolder();
        var written = new HashSet<Guid>();
        for (var i = 0; i < Round.Times(5, 100); i++)
        {
            using var one = Start(folder.Path);
            using var two = Start(folder.Path);
            // Both are past their start, which takes longest.
            var first = await Task.WhenAll(one.StandardOutput.ReadLineAsync(), two.StandardOutput.ReadLineAsync());
            await Task.Delay(round.Random.Next(60), TestContext.Current.CancellationToken);
            one.Kill();
            await Task.Delay(round.Random.Next(20), TestContext.Current.CancellationToken);
            two.Kill();
            string[] lines = [.. first.Select(l => l!), .. await LinesAsync(one), .. await LinesAsync(two)];
            written.UnionWith(lines.Select(Guid.Parse));
        }

        using (var last = Start(folder.Path))
        {
            written.Add(Guid.Parse((await last.StandardOutput.ReadLineAsync())!));
            last.Kill();
            await last.WaitForExitAsync();
        }

        var (read, damaged, _) = LogFile.In(folder.Path).Select(f => f.Read()).Aggregate((a, b) => ([.. a.Lines, .. b.Lines], a.Damaged + b.Damaged, 0));
        Assert.Equal(0, damaged);
        Assert.Empty(written.Except(read.Select(l => l.Id)));
        output.WriteLine($"{written.Count} lines");
    }

    private static Process Start(string folder) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DbSafety.CrashHost.dll"), "log", folder]) { RedirectStandardOutput = true })!;

    /// <summary>The last one can be incomplete: its writer was killed while it printed.</summary>
    private static async Task<IEnumerable<string>> LinesAsync(Process process)
    {
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
