using DbSafety.Docker.Mounts;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Where the next <c>docker compose up</c> would store the data of a container's service, according to its compose files with the current environment and <c>.env</c>.</summary>
/// <param name="Files">The compose files.</param>
public sealed record NextUp(string Files)
{
    /// <summary>Why it is not known; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The project's name now; null where it is not known.</summary>
    public string? Project { get; init; }

    public PgLayout? Layout { get; init; }

    public DataMount? Mount { get; init; }

    /// <summary>Null for what is in memory or in the container itself.</summary>
    public DataPlace? Place { get; init; }

    /// <summary>The data directory does not change.</summary>
    public bool IsSame { get; init; }

    /// <summary>The next <c>up</c> reuses the volume of the current container; after <c>docker compose down</c> it does not.</summary>
    public bool IsCarried { get; init; }

    /// <summary>What is on that volume now, as the rest of a sentence; null if it was not checked.</summary>
    public string? Holds { get; init; }
}
