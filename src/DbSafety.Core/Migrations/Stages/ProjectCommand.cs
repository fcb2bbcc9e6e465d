using System.Text;
using DbSafety.Databases.Connections;
using DbSafety.Docker;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Tools;
using DbSafety.Tools.Isolation;

namespace DbSafety.Migrations.Stages;

/// <summary>Runs the project's own command on this machine, with the database in its environment, or in the app's container as it is.</summary>
internal sealed class ProjectCommand(MigrationCommand command, string project, IOperationEvents events)
{
    /// <summary>Identifies its sessions on the server.</summary>
    public const string SessionName = "dbsafety migration command";

    private const string Variable = "DATABASE_URL";

    private const string SetSid = "/usr/bin/setsid";

    /// <summary>The number of output lines that an error quotes.</summary>
    private const int GistLines = 4;

    /// <summary>The database that the target is a copy of; null if it is not a copy.</summary>
    public DatabaseTarget? CopyOf { get; init; }

    /// <summary>The only database that can be reached; null: the command runs without isolation.</summary>
    public IsolatedCopy? Isolation { get; init; }

    /// <exception cref="DbSafetyException"><c>DBS417</c> it failed; <c>DBS418</c> it cannot be started; <c>DBS420</c> the container works on another database.</exception>
    public async Task RunAsync(DatabaseTarget target, CancellationToken ct)
    {
        events.Progress($"Migrating {target.Database}", command.ToString());
        var (exitCode, output) = command.Container is null ? await HereAsync(target, ct) : await InContainerAsync(target, ct);
        foreach (var password in new[] { target.Password, CopyOf?.Password }.OfType<string>().Where(p => p.Length > 0))
        {
            foreach (var form in new[] { password, System.Text.Json.JsonEncodedText.Encode(password).ToString(), password.Replace("\"", "\\\"", StringComparison.Ordinal), Uri.EscapeDataString(password) })
                output = output.Replace(form, "***", StringComparison.OrdinalIgnoreCase);
        }

        // Tools repeat their arguments.
        output = command.Mask(output);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            events.Verbose($"{Secrets.Mask(command.Words[0])}: {line.TrimEnd()}");
        if (exitCode is 126 or 127 && command.Container is not null)
            throw ErrorCatalogue.CommandMissing.For(command.ToString(), Gist(output));
        if (exitCode != 0)
            throw ErrorCatalogue.CommandFailed.For(command.ToString(), $"exit code {exitCode}: {Gist(output)}");
    }

    /// <summary>The lines that contain "error", otherwise the last lines; joined into one line.</summary>
    private static string Gist(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var errors = lines.Where(l => l.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(GistLines).ToList();
        return lines.Length == 0 ? "it printed no output" : string.Join("; ", errors.Count > 0 ? errors : lines.TakeLast(GistLines));
    }

    private async Task<(int ExitCode, string Output)> HereAsync(DatabaseTarget target, CancellationToken ct)
    {
        var folder = ProjectRoot.Of(project);
        var environment = CopyOf is null ? CommandEnvironment.For(target, folder) : CommandEnvironment.ForCopy(target, CopyOf, folder);
        var tool = new ToolCommand(ProgramOf(command.Words[0], folder), [.. command.Words.Skip(1)]) { WorkingDirectory = folder, Environment = environment, EndsWithProgram = true };
        try
        {
            var ran = await ToolProcess.RunAsync(Isolation?.Isolate(tool) ?? InOwnSession(tool), ct);
            if (ran.ExitCode != 0)
                CheckStart(ran.Error);
            if (ran.LeftRunning)
                events.Warning($"the command {command} has exited, but a process that it started still runs; DbSafety does not wait for it");
            return (ran.ExitCode, ran.Output + ran.Error);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ToolMissing)
        {
            throw ErrorCatalogue.CommandMissing.Because(e, command.ToString(), command.Mask(e.InnerException?.Message ?? e.Message));
        }
    }

    /// <summary>A script that ends with <c>kill 0</c> signals its process group, which must not be that of this program.</summary>
    private static ToolCommand InOwnSession(ToolCommand tool) => File.Exists(SetSid) ? tool with { Path = SetSid, Arguments = [tool.Path, .. tool.Arguments] } : tool;

    /// <summary>The same one in the rehearsal and afterwards: in the folder it runs in, in that of this program, or wherever programs are.</summary>
    private static string ProgramOf(string word, string folder) => new[] { folder, Environment.CurrentDirectory }.Select(f => Path.Combine(f, word)).FirstOrDefault(File.Exists) ?? word;

    private void CheckStart(string error)
    {
        foreach (var line in error.Split('\n'))
        {
            if (line.StartsWith("setsid: failed to execute ", StringComparison.Ordinal))
                throw ErrorCatalogue.CommandMissing.For(command.ToString(), command.Mask(line["setsid: ".Length..]));
            if (line.StartsWith(IsolatedChild.NotStarted, StringComparison.Ordinal))
                throw ErrorCatalogue.CommandMissing.For(command.ToString(), command.Mask(line[IsolatedChild.NotStarted.Length..]));
            if (line.StartsWith(IsolatedChild.NotIsolated, StringComparison.Ordinal))
                throw ErrorCatalogue.CommandNotIsolated.For(command.ToString(), CopyOf!.Database, line[IsolatedChild.NotIsolated.Length..]);
        }
    }

    /// <summary>Its own environment has the address of its database: the address that this machine uses may be unreachable from inside the container.</summary>
    private async Task<(int ExitCode, string Output)> InContainerAsync(DatabaseTarget target, CancellationToken ct)
    {
        using var engine = new DockerEngine(EngineAddress.Resolve(command.DockerHost, command.DockerContext));
        var found = ContainerLookup.Find(await engine.ListContainersAsync(ct), command.Container!);
        var details = await engine.InspectContainerAsync(found.Id, ct) ?? throw ErrorCatalogue.ContainerUnknown.For(command.Container!, "It has just been removed.");
        if (!details.IsRunning)
            throw ErrorCatalogue.ContainerStopped.For(details.ShortName);
        if (details.Config?.Variable(Variable) is { } url && DatabaseTargets.NameIn(url) is { } own && own != target.Database)
            throw ErrorCatalogue.CommandElsewhere.For(command.ToString(), $"{Variable} of {details.ShortName} names the database {own}, not {target.Database}");
        var output = new StringBuilder();
        var result = await engine.ExecAsync(new ExecRequest(found.Id, command.Words), async (stream, token) =>
        {
            using var reader = new StreamReader(stream);
            output.Append(await reader.ReadToEndAsync(token));
        }, null, ct);
        return (result.ExitCode, output + result.Error);
    }
}
