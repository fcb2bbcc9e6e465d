namespace DbSafety.Tools;

/// <summary>Where PostgreSQL's programs run when this machine has none that fit: inside the database's container.</summary>
internal interface IToolPlace
{
    /// <summary>The container's id, which stays when it is renamed.</summary>
    string Id { get; }

    /// <summary>The address of its engine, as <c>--docker-host</c> takes it; null: the local one.</summary>
    string? EngineText { get; }

    /// <summary>Null where it has no such program.</summary>
    Task<PgTool?> FindToolAsync(string name, CancellationToken ct);

    /// <summary>Runs a program in it as <see cref="ToolProcess"/> runs one here: streams, exit code, killed when cancelled.</summary>
    Task<ToolResult> RunAsync(ToolCommand command, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct);

    /// <summary>Bytes that are free on the disk of one of its folders; null, and the reason, where that is not known.</summary>
    Task<(long? Free, string? Reason)> FreeSpaceAsync(string folder, CancellationToken ct);
}
