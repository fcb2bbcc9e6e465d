using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Scratch;

/// <summary>A throwaway PostgreSQL to start in a container.</summary>
public sealed record ScratchContainerRequest
{
    /// <summary>Null: one that is on the engine and of <see cref="Major"/>, else the official one, pulled.</summary>
    public string? Image { get; init; }

    /// <summary>What people call it, where <see cref="Image"/> is an id.</summary>
    public string? ImageName { get; init; }

    /// <summary>Null: any. Without a meaning where <see cref="Image"/> is given.</summary>
    public int? Major { get; init; }

    /// <summary>Null: as the docker command would choose.</summary>
    public EngineAddress? Engine { get; init; }

    /// <summary>Further server settings (<c>name=value</c>).</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Mounts, for a server on a cluster that is there already.</summary>
    internal IReadOnlyList<MountRequest> Mounts { get; init; } = [];

    /// <summary>Of that cluster's folder in the container; null: the image's own.</summary>
    internal string? DataDirectory { get; init; }

    /// <summary>The superuser of that cluster.</summary>
    internal string Username { get; init; } = "postgres";

    /// <summary>True: no network at all, and no port; reached through the engine.</summary>
    internal bool IsSealed { get; init; }
}
