using System.CommandLine;
using System.Diagnostics;
using DbSafety.Cli.Demo;
using DbSafety.Cli.Rendering;
using DbSafety.Scratch;

namespace DbSafety.Cli.Demo;

/// <summary><c>dbsafety demo</c>: the main job on a throwaway server. It leaves nothing behind.</summary>
internal static class DemoVerb
{
    public static Command Create(ScreenOptions screens, TextWriter output)
    {
        var command = new Command("demo", "The whole story on a throwaway PostgreSQL: check, back up, migrate, restore, undo. Nothing of yours is touched.");
        var install = new Option<bool>("--install") { Description = "Install PostgreSQL's server programs first where they are missing, with the system's package manager. Each command is printed before it runs." };
        var powershell = new Option<bool>("--powershell") { Description = "Tell it with cmdlets and objects, in a real PowerShell." };
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
                await output.WriteLineAsync($"DbSafety's demo, on {server.Description}. Nothing of yours is touched, and nothing stays.");
                if (parsed.GetValue(powershell))
                    await PowerShellStory.RunAsync(server.Target, folder.FullName, ct);
                else
                    await new DemoStory(server.Target, folder.FullName, output, ct).RunAsync();
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            await output.WriteLineAsync($"\nThat was all of it, in {Screen.Time(clock.Elapsed)}: the server, the shop and the backups are gone again.");
            return 0;
        });
        return command;
    }
}
