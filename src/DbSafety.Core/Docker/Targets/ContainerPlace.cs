using System.Globalization;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Docker.Targets;

/// <summary>The inside of a database's container, where PostgreSQL's client programs can be run when this machine has no suitable programs.</summary>
/// <param name="Id">The container's id, which does not change when it is renamed.</param>
/// <param name="Name">The name for messages.</param>
internal sealed record ContainerPlace(IDockerEngine Engine, string Id, string Name) : IToolPlace
{
    /// <summary>This machine's addresses are not valid in the container: its programs use the container's own socket, as its image configures them.</summary>
    private static readonly HashSet<string> OfThisMachine = new(StringComparer.Ordinal) { "PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGSSLMODE", "PGSSLROOTCERT" };

    /// <inheritdoc/>
    public string? EngineText => Engine.Address.Text is var text && text != EngineAddress.Local.Text ? text : null;

    /// <inheritdoc/>
    public async Task<(long? Free, string? Reason)> FreeSpaceAsync(string folder, CancellationToken ct)
    {
        try
        {
            var table = await Engine.ExecAsync(new ExecRequest(Id, "df", "-Pk", folder), ct);
            return (Kilobytes(table.Output, line: 1, column: 3), "the output of df cannot be read");
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            return (null, e.Message); // An image without df.
        }
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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

    /// <summary>A small file of the container; also a file in memory, which engines before 25 cannot read through the API.</summary>
    public async Task<string?> ReadTextAsync(string path, CancellationToken ct)
    {
        if (await Engine.ReadFileAsync(Id, path, ct) is { } bytes)
            return Encoding.UTF8.GetString(bytes);
        var result = await Engine.ExecAsync(new ExecRequest(Id, "cat", path), ct);
        return result.ExitCode == 0 ? result.Output : null;
    }

    /// <summary>Its image's id: the image that production runs, even if the tag has changed since.</summary>
    /// <exception cref="DbSafetyException"><c>DBS504</c>.</exception>
    public async Task<(string Id, string Name)> ImageAsync(CancellationToken ct) =>
        await Engine.InspectContainerAsync(Id, ct) is { Image: { } image } details
            ? (image, details.Config?.Image ?? image)
            : throw ErrorCatalogue.ContainerUnknown.For(Name, "It has just been removed.");

    /// <summary>A number of 1024-byte units in a table, as bytes (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/df.html).</summary>
    internal static long? Kilobytes(string? table, int line, int column)
    {
        var words = table?.Split('\n').ElementAtOrDefault(line)?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.TryParse(words?.ElementAtOrDefault(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number * 1024 : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"the container {Name}");
}
