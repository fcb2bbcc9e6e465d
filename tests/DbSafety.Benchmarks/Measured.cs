using System.Diagnostics;
using System.Globalization;

namespace DbSafety.Benchmarks;

/// <summary>How long a command took, and the most memory one of its processes had, in bytes.</summary>
internal sealed record Measured(TimeSpan Time, long PeakBytes)
{
    public static Task<Measured> RunAsync(IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments) =>
        RunAsync(environment, [0], program, arguments);

    /// <exception cref="InvalidOperationException">It ended with an exit code that is not among <paramref name="exitCodes"/>.</exception>
    public static async Task<Measured> RunAsync(IReadOnlyDictionary<string, string?> environment, IReadOnlyList<int> exitCodes, string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(20))
            peak = Math.Max(peak, PeakOf(process.Id));
        var time = clock.Elapsed;
        await output;
        return exitCodes.Contains(process.ExitCode) ? new Measured(time, peak) : throw new InvalidOperationException($"{program} {string.Join(' ', arguments.Take(5))} ended with {process.ExitCode}");
    }

    private static long PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
