using System.Globalization;
using System.Text;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Docker.Targets;

/// <summary>The inside of a database's container, where PostgreSQL's own programs can be run when this machine has none that fit.</summary>
/// <param name="Id">The container's id, which stays when it is renamed.</param>
/// <param name="Name">What people call it.</param>
internal sealed record ContainerPlace(IDockerEngine Engine, string Id, string Name)
{
    /// <summary>Addresses of this machine mean nothing in there: its programs take the container's own socket, as its image sets them up.</summary>
    private static readonly HashSet<string> OfThisMachine = new(StringComparer.Ordinal) { "PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGSSLMODE", "PGSSLROOTCERT" };

    /// <summary>Null where the container has no such program.</summary>
    public async Task<PgTool?> FindToolAsync(string name, CancellationToken ct)
    {
        try
        {
            var result = await Engine.ExecAsync(new ExecRequest(Id, name, "--version"), ct);
            return result.ExitCode == 0 && PgTools.ParseVersion(name, result.Output) is { } tool ? tool with { Inside = this } : null;
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            return null;
        }
    }

    /// <summary>Runs a program in the container as <see cref="ToolProcess"/> runs one here: streams, exit code, killed when cancelled.</summary>
    public async Task<ToolResult> RunAsync(
        ToolCommand command, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct)
    {
        var environment = command.Environment
            .Where(e => e.Value is not null && !OfThisMachine.Contains(e.Key))
            .ToDictionary(e => e.Key, e => e.Value!, StringComparer.Ordinal);
        environment["LC_MESSAGES"] = "C";
        var result = await Engine.ExecAsync(new ExecRequest(Id, [command.Path, .. command.Arguments]) { Environment = environment }, readOutput, writeInput, ct);
        return new ToolResult(command, result.ExitCode, "", result.Error);
    }

    /// <summary>A small file of the container; also one that lies in memory, which engines before 25 do not read from outside.</summary>
    public async Task<string?> ReadTextAsync(string path, CancellationToken ct)
    {
        if (await Engine.ReadFileAsync(Id, path, ct) is { } bytes)
            return Encoding.UTF8.GetString(bytes);
        var result = await Engine.ExecAsync(new ExecRequest(Id, "cat", path), ct);
        return result.ExitCode == 0 ? result.Output : null;
    }

    /// <summary>Its image's id: exactly what production runs, whatever the tag has become since.</summary>
    /// <exception cref="DbSafetyException"><c>DBS504</c>.</exception>
    public async Task<(string Id, string Name)> ImageAsync(CancellationToken ct) =>
        await Engine.InspectContainerAsync(Id, ct) is { Image: { } image } details
            ? (image, details.Config?.Image ?? image)
            : throw ErrorCatalogue.ContainerUnknown.For(Name, "It was removed a moment ago.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"the container {Name}");
}
