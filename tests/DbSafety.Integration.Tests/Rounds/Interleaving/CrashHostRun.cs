using System.Diagnostics;
using System.Globalization;
using DbSafety.CrashHost;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>An operation in a process of its own.</summary>
internal sealed class CrashHostRun : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private CrashHostRun(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    /// <param name="killAt">The side effect at which it kills itself; 0: none.</param>
    public static CrashHostRun Start(string operation, int killAt, RoundPlace place)
    {
        var (target, number) = (place.Live, killAt.ToString(CultureInfo.InvariantCulture));
        var info = new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "DbSafety.CrashHost.dll"), operation, number, target.Host, target.Port.ToString(CultureInfo.InvariantCulture), target.Username, target.Database,
            place.Set, place.Backups, place.Migrations])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new CrashHostRun(Process.Start(info)!);
    }

    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
    }

    /// <returns>Whether it was killed, and what it said.</returns>
    public async Task<(bool Killed, int ExitCode, string Output, string Error)> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        // Programs that it started hold its ends of the pipes for a moment longer.
        return (process.ExitCode == 137, process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
