using System.CommandLine;
using System.Diagnostics;
using DbSafety.Cli.Demo;
using DbSafety.Cli.Rendering;
using DbSafety.Scratch;

namespace DbSafety.Cli.Demo;

/// <summary><c>dbsafety demo</c>: a demo on a temporary server, which is removed afterwards.</summary>
internal static class DemoVerb
{
    public static Command Create(ScreenOptions screens, TextWriter output)
    {
        var command = new Command("demo", "Demo on a temporary PostgreSQL server: check, back up, migrate, restore, undo. No existing database is changed.");
        var install = new Option<bool>("--install") { Description = "Install missing PostgreSQL server programs first, with the system's package manager. Each command is printed before it runs." };
        var powershell = new Option<bool>("--powershell") { Description = "Run the demo with cmdlets and objects, in a real PowerShell." };
        command.Add(install);
        command.Add(powershell);
        command.SetAction(async (parsed, ct) =>
        {
            var clock = Stopwatch.StartNew();
            var folder = Directory.CreateTempSubdirectory("dbsafety-demo-");
            try
            {
                if (parsed.GetValue(install))
                    await DemoInstall.RunAsync(output, ct);
                await using var server = await ScratchPostgres.StartAsync(null, "the demo", screens.Of(parsed), ct);
                await output.WriteLineAsync($"DbSafety's demo, on {server.Description}. No existing database is changed, and everything is removed afterwards.");
                if (parsed.GetValue(powershell))
                    await PowerShellStory.RunAsync(server.Target, folder.FullName, ct);
                else
                    await new DemoStory(server.Target, folder.FullName, output, ct).RunAsync();
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            await output.WriteLineAsync($"\nFinished in {Screen.Time(clock.Elapsed)}: the server, the database and the backups have been removed.");
            return 0;
        });
        return command;
    }
}
