using System.Globalization;
using DbSafety.Errors;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Cli.Demo;

/// <summary>Installs PostgreSQL's server programs with the system's own package manager: <c>demo --install</c>.</summary>
internal static class DemoInstall
{
    private static readonly Dictionary<string, string?> Quiet = new(StringComparer.Ordinal) { ["DEBIAN_FRONTEND"] = "noninteractive", ["HOMEBREW_NO_AUTO_UPDATE"] = "1" };

    /// <summary>Prints each command before it runs. Does nothing if the programs are installed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS532</c> root is required, no supported package manager was found, or the package manager failed.</exception>
    public static async Task RunAsync(TextWriter output, CancellationToken ct)
    {
        if (await ScratchServer.IsAvailableAsync(null, ct))
            return;
        var line = PackageInstall.Line("postgresql", null);
        var commands = PackageInstall.Commands(line, out var needsRoot);
        if (commands.Count == 0)
            throw ErrorCatalogue.InstallFailed.For("no supported package manager was found", line);
        if (needsRoot && !Environment.IsPrivilegedProcess)
            throw ErrorCatalogue.InstallFailed.For("root is required", $"sudo {line}");
        foreach (var command in commands)
        {
            await output.WriteLineAsync($"$ {string.Join(' ', command)}");
            var exitCode = await DemoProgram.RunAsync(command, Quiet, null, ct);
            if (exitCode != 0)
                throw ErrorCatalogue.InstallFailed.For(exitCode is null ? $"{command[0]} is not on PATH" : string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', command)} ended with exit code {exitCode}"), line);
        }

        if (!await ScratchServer.IsAvailableAsync(null, ct))
            throw ErrorCatalogue.InstallFailed.For("initdb is still not found on PATH or in the folders that packages use", line + ", and add its folder to PATH");
    }
}
