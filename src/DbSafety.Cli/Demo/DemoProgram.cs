using System.ComponentModel;
using System.Diagnostics;

namespace DbSafety.Cli.Demo;

/// <summary>A program that the demo runs in the foreground, with the user's terminal.</summary>
internal static class DemoProgram
{
    /// <returns>Its exit code; null: the program was not found.</returns>
    public static async Task<int?> RunAsync(string[] command, IReadOnlyDictionary<string, string?> environment, string? folder, CancellationToken ct)
    {
        var info = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            try
            {
                await process.WaitForExitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
                throw;
            }

            return process.ExitCode;
        }
    }
}
