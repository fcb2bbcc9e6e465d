namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A container to create: the part of <c>POST /containers/create</c> (API 1.41) that is used here.</summary>
public sealed record ContainerRequest(string Image)
{
    /// <summary>Null: the image's own.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string? User { get; init; }

    /// <summary>A network's name, <c>none</c>, or null for the engine's default.</summary>
    public string? Network { get; init; }

    /// <summary>A port of the container to publish on a free port of the engine's loopback address, and nowhere else.</summary>
    public int? PublishOnLoopback { get; init; }

    public IReadOnlyList<MountRequest> Mounts { get; init; } = [];

    /// <summary>Names, never values: the environment can contain passwords.</summary>
    public override string ToString() => $"{nameof(ContainerRequest)} {{ Image = {Image} }}";
}

/// <summary>A mount to create. The engine creates a volume that does not exist, so check first.</summary>
/// <param name="Type">volume or bind.</param>
public sealed record MountRequest(string Type, string Source, string Target, bool ReadOnly);
