namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A program to run inside a running container: an argument list, never a shell line.</summary>
public sealed record ExecRequest(string Container, params IReadOnlyList<string> Command)
{
    /// <summary>A user of the container; null: the container's own.</summary>
    public string? User { get; init; }

    /// <summary>For this program alone. Secrets go here: argument lists are shown by <c>docker inspect</c> and <c>docker top</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>It is not killed when it is cancelled: it ends when its input ends.</summary>
    public bool EndsWithItsInput { get; init; }

    /// <summary>The command, without the environment.</summary>
    public override string ToString() => $"{string.Join(' ', Command)} in {Container}";
}
