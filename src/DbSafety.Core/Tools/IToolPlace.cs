namespace DbSafety.Tools;

/// <summary>Where PostgreSQL programs run if this machine has no suitable ones: inside the database's container.</summary>
internal interface IToolPlace
{
    /// <summary>The container's id, which stays when it is renamed.</summary>
    string Id { get; }

    /// <summary>The address of its engine, as <c>--docker-host</c> takes it; null: the local one.</summary>
    string? EngineText { get; }

    /// <summary>Null if it has no such program.</summary>
    Task<PgTool?> FindToolAsync(string name, CancellationToken ct);

    /// <summary>Runs a program in it as <see cref="ToolProcess"/> runs one here: streams, exit code, killed when cancelled.</summary>
    Task<ToolResult> RunAsync(ToolCommand command, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct);

    /// <summary>The free bytes on the disk of one of its folders; null and the reason if unknown.</summary>
    Task<(long? Free, string? Reason)> FreeSpaceAsync(string folder, CancellationToken ct);
}
