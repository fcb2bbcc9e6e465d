using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using DbSafety.Cli.Demo;
using DbSafety.Cli.Rendering;
using DbSafety.Cli.Verbs;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Cli;

/// <summary>
/// <c>dbsafety</c>: the cmdlets' operations where there is no PowerShell. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by
/// a safety check, 4 verification failed, 5 something needed is missing or unreachable, 130 cancelled.
/// </summary>
public static class CommandLine
{
    private const int Usage = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Root(output, error).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync($"error: {Secrets.Mask(problem.Message)}");
            await error.WriteLineAsync($"hint: {Path(parsed.CommandResult)} --help lists what there is");
            return Usage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        // Our own handlers end the work and wait until it has cleaned up, however long that takes.
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false, Output = output, Error = error };
        try
        {
            CheckNames(parsed.CommandResult);
            return await parsed.InvokeAsync(configuration, stop.Token);
        }
        catch (Exception e)
        {
            return await ReportAsync(Known(e, stop.IsCancellationRequested), error);
        }
    }

    /// <summary>These take a URL, or another text that looks like one.</summary>
    private static readonly string[] Free = ["--database-url", "--docker-host", "--image", "--command", "reference", "difference"];

    /// <summary>Names and paths are in files, messages and results; a connection in their place would be there with its password.</summary>
    private static void CheckNames(CommandResult command)
    {
        foreach (var result in command.Children)
        {
            var name = result switch { OptionResult option => option.Option.Name, ArgumentResult argument => argument.Argument.Name, _ => null };
            foreach (var token in name is null || Free.Contains(name) ? [] : result.Tokens)
                ConnectionNames.Checked(token.Value, name!);
        }

        if (command.Parent is CommandResult above)
            CheckNames(above);
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult above ? $"{Path(above)} {command.Command.Name}" : command.Command.Name;

    private static RootCommand Root(TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Keeps PostgreSQL data alive while software changes around it.");
        var screen = new ScreenOptions(output, error);
        screen.AddTo(root);
        root.Add(DatabaseVerbs.Create(screen));
        root.Add(BackupVerbs.Create(screen));
        root.Add(RestoreVerbs.Create(screen));
        root.Add(MigrationVerbs.Create(screen));
        root.Add(DemoVerb.Create(screen, output));
        root.Add(VolumeVerbs.Create(screen));
        return root;
    }

    internal static DbSafetyException Known(Exception e, bool cancelled) => e switch
    {
        // Whoever stopped the command has to know that nobody knows what it did.
        DbSafetyException { Definition: var d } known when ErrorCatalogue.UnknownOutcomes.Contains(d) => known,
        _ when cancelled => ErrorCatalogue.Cancelled.Because(e, "the command"),
        DbSafetyException known => known,
        OperationCanceledException => ErrorCatalogue.Cancelled.Because(e, "the command"),
        _ => ErrorCatalogue.Unexpected.Because(e, "the command", e.Message),
    };

    private static async Task<int> ReportAsync(DbSafetyException e, TextWriter error)
    {
        await error.WriteLineAsync($"error {e.Code}: {e.Message}");
        await error.WriteLineAsync($"hint: {e.Hint}");
        if (e.Definition == ErrorCatalogue.Unexpected)
            await error.WriteLineAsync(e.InnerException?.ToString());
        return e.ExitCode;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
}
