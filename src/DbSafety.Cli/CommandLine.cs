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
/// <c>dbsafety</c>: the cmdlets' operations without PowerShell. Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 refused by
/// a safety check, 4 verification failed, 5 a required program, server or file is missing or unreachable, 6 succeeded but the
/// output could not be written, 130 cancelled.
/// </summary>
public static class CommandLine
{
    private const int Usage = 2;

    /// <summary>An argument that begins with @ is a name, and not a file with arguments.</summary>
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        await using var results = new ResultWriter(output, error);
        var code = await RunParsedAsync(Root(results, error).Parse(args, Parsing), results, error);
        return code == 0 && results.Problem is { } problem ? await ReportAsync(ErrorCatalogue.OutputNotWritten.Because(problem, problem.Message), error) : code;
    }

    private static async Task<int> RunParsedAsync(ParseResult parsed, TextWriter output, TextWriter error)
    {
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync($"error: {Secrets.Mask(problem.Message)}");
            await error.WriteLineAsync($"hint: {Path(parsed.CommandResult)} --help lists the commands and options");
            return Usage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        // Our own handlers cancel the operation and wait until it has cleaned up, without a time limit.
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

    /// <summary>These accept a URL, or another text in the format of a URL.</summary>
    private static readonly string[] Free = ["--database-url", "--docker-host", "--image", "--command", "reference", "difference"];

    /// <summary>Names and paths appear in files, messages and results; a connection string in their place would expose its password.</summary>
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

    internal static RootCommand Root(TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Protects PostgreSQL data during backups, restores and schema migrations.");
        var screen = new ScreenOptions(output, error);
        screen.AddTo(root);
        root.Add(DatabaseVerbs.Create(screen));
        root.Add(BackupVerbs.Create(screen));
        root.Add(RestoreVerbs.Create(screen));
        root.Add(RetainedVerbs.Create(screen));
        root.Add(MigrationVerbs.Create(screen));
        root.Add(DemoVerb.Create(screen, output));
        root.Add(VolumeVerbs.Create(screen));
        root.Add(LogVerb.Create(screen));
        return root;
    }

    internal static DbSafetyException Known(Exception e, bool cancelled) => e switch
    {
        // The user who cancelled the command must learn that its outcome is unknown.
        DbSafetyException { Definition: var d } known when ErrorCatalogue.UnknownOutcomes.Contains(d) => known,
        _ when cancelled => ErrorCatalogue.Cancelled.Because(e, "the command"),
        DbSafetyException known => known,
        OperationCanceledException => ErrorCatalogue.Cancelled.Because(e, "the command"),
        _ => ErrorCatalogue.Unexpected.Because(e, "the command", e.Message),
    };

    private static async Task<int> ReportAsync(DbSafetyException e, TextWriter error)
    {
        await error.WriteLineAsync(Screen.Visible($"error {e.Code}: {e.Message}"));
        await error.WriteLineAsync(Screen.Visible($"hint: {e.Hint}"));
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
