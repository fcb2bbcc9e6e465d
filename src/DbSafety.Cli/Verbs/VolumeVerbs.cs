using System.CommandLine;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Docker.Clusters;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Docker.Volumes;
using DbSafety.Operations;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety volume test</c>.</summary>
internal static class VolumeVerbs
{
    private const int Refused = 3;

    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("volume", "Test Docker volumes, and find volumes with PostgreSQL data.");
        command.Add(Test(screens));
        command.Add(Find(screens));
        return command;
    }

    private static Command Test(ScreenOptions screens)
    {
        var command = new Command("test", "Test whether a container's data is on a volume that survives the container. Exit code 3 if it is not.");
        var container = new Argument<string>("container") { Description = "A name or an id; a compose file, service or project; a volume." };
        var envFile = new Option<string?>("--env-file") { Description = "The application's env file: check whether its DATABASE_URL points to this container." };
        command.Add(container);
        var engine = new EngineOptions();
        command.Add(envFile);
        engine.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var result = await new TestDockerVolume().RunAsync(new DockerVolumeRequest(parsed.GetRequiredValue(container)) { EnvFile = parsed.GetValue(envFile), DockerHost = engine.Host(parsed), DockerContext = engine.Context(parsed) }, screen, ct);
            screen.Show(result, Describe);
            return result.Any(t => t.Verdict == CheckState.Fail) ? Refused : 0;
        });
        return command;
    }

    private static Command Find(ScreenOptions screens)
    {
        var command = new Command("find", "Find every volume that holds a PostgreSQL cluster, in use or unused.");
        var volume = new Argument<string?>("volume") { Description = "Only this volume.", Arity = ArgumentArity.ZeroOrOne };
        var orphaned = new Option<bool>("--orphaned") { Description = "Only volumes that no container uses." };
        var engine = new EngineOptions();
        command.Add(volume);
        command.Add(orphaned);
        engine.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var search = new DockerVolumeSearch { Volume = parsed.GetValue(volume), OrphanedOnly = parsed.GetValue(orphaned), DockerHost = engine.Host(parsed), DockerContext = engine.Context(parsed) };
            screen.Show(await new FindDockerVolumes().RunAsync(search, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static string Describe(PgDockerVolume found)
    {
        var use = found.IsOrphaned ? "UNUSED, no container uses it" : $"used by {string.Join(", ", found.UsedBy)}";
        var compose = found.ComposeProject is null ? "" : $"\n  compose project {found.ComposeProject}, volume {found.ComposeVolume}";
        var last = found.LastCheckpoint is { } at ? $", last checkpoint {at:yyyy-MM-dd HH:mm:ss}Z, created {found.Created:yyyy-MM-dd HH:mm:ss}Z, system {found.SystemIdentifier}" : "";
        return $"{found.Volume}: PostgreSQL {found.Version}{(found.Path.Length > 0 ? " in " + found.Path : "")}{(found.SizeBytes is { } bytes ? ", " + ByteSize.Text(bytes) : "")}{last}\n  {use}{compose}\n  back up:    {found.BackUp}\n  use again:  {found.BringBack}";
    }

    private static string Describe(DockerVolumeTest test)
    {
        var checks = test.Checks.Select(c => $"  {Mark(c.State)} {c.Id}: {c.Evidence}{(c.Remedy is { Length: > 0 } remedy && c.State != CheckState.Pass ? "\n       " + remedy : "")}");
        return $"{test.Container} ({test.Image}): {test.Verdict}\n{string.Join('\n', checks)}";
    }

    private static string Mark(CheckState state) => state switch
    {
        CheckState.Pass => "ok  ",
        CheckState.Warn => "warn",
        CheckState.Fail => "FAIL",
        _ => "?   ",
    };
}
