using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Scratch;

/// <summary>A temporary PostgreSQL server to start in a container.</summary>
public sealed record ScratchContainerRequest
{
    /// <summary>Null: an image of <see cref="Major"/> that exists on the engine, else the official image, which is pulled.</summary>
    public string? Image { get; init; }

    /// <summary>Its display name, if <see cref="Image"/> is an ID.</summary>
    public string? ImageName { get; init; }

    /// <summary>Null: any. Ignored if <see cref="Image"/> is specified.</summary>
    public int? Major { get; init; }

    /// <summary>Null: the engine that the docker command would use.</summary>
    public EngineAddress? Engine { get; init; }

    /// <summary>Further server settings (<c>name=value</c>).</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Mounts, for a server on an existing cluster.</summary>
    internal IReadOnlyList<MountRequest> Mounts { get; init; } = [];

    /// <summary>Of that cluster's folder in the container; null: the image's own.</summary>
    internal string? DataDirectory { get; init; }

    /// <summary>The superuser of that cluster.</summary>
    internal string Username { get; init; } = "postgres";

    /// <summary>True: no network and no port; reached through the engine.</summary>
    internal bool IsSealed { get; init; }
}
