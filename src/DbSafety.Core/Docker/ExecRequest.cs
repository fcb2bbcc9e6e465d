namespace DbSafety.Docker;

/// <summary>A program to run inside a running container: an argument list, never a shell line.</summary>
public sealed record ExecRequest(string Container, params IReadOnlyList<string> Command)
{
    /// <summary>A user of the container; null: the container's own.</summary>
    public string? User { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
