using System.CommandLine;
using DbSafety.Docker.Volumes;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety volume test</c>.</summary>
internal static class VolumeVerbs
{
    private const int Refused = 3;

    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("volume", "Where a container's data really is.");
        command.Add(Test(screens));
        return command;
    }

    private static Command Test(ScreenOptions screens)
    {
        var command = new Command("test", "Is this container's data on a volume that survives? Exit code 3 when it is not.");
        var container = new Argument<string>("container") { Description = "A name or an id." };
        var envFile = new Option<string?>("--env-file") { Description = "The app's env file: does its DATABASE_URL point here?" };
        command.Add(container);
        var engine = new EngineOptions();
        command.Add(envFile);
        engine.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var result = await new TestDockerVolume().RunAsync(new DockerVolumeRequest(parsed.GetRequiredValue(container)) { EnvFile = parsed.GetValue(envFile), DockerHost = engine.Host(parsed), DockerContext = engine.Context(parsed) }, screen, ct);
            screen.Show(result, Describe);
            return result.Verdict == CheckState.Fail ? Refused : 0;
        });
        return command;
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
