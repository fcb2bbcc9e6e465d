namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>The configuration that a container was created with, including its image's settings.</summary>
public sealed record ContainerConfig
{
    /// <summary>The image's name as it was specified.</summary>
    public string? Image { get; init; }

    /// <summary><c>NAME=value</c>; the container's override the image's. Holds passwords: never print it.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The last value of a variable, as the container's process sees it; null when it is not set or empty.</summary>
    public string? Variable(string name) =>
        Env?.LastOrDefault(e => e.StartsWith(name + "=", StringComparison.Ordinal)) is { } entry && entry.Length > name.Length + 1
            ? entry[(name.Length + 1)..]
            : null;

    /// <summary>Names, never values.</summary>
    public override string ToString() => $"{nameof(ContainerConfig)} {{ Image = {Image} }}";
}
