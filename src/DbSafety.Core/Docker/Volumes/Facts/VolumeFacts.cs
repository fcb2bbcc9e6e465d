using DbSafety.Docker.Clusters;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The input of all checks. It is collected first, so that a check does no I/O and can be tested without an engine.</summary>
public sealed record VolumeFacts
{
    public required ContainerDetails Container { get; init; }

    public required PgLayout Layout { get; init; }

    public required DataMount Mount { get; init; }

    public required EngineAddress Engine { get; init; }

    public required EngineVersion EngineVersion { get; init; }

    /// <summary>The volume under the data directory; null for other kinds of mounts, and when it no longer exists.</summary>
    public VolumeDetails? Volume { get; init; }

    public DataFileSystem FileSystem { get; init; } = new(null, "it was not checked");

    /// <summary>Null when the container was not created from a compose file.</summary>
    public NextUp? Next { get; init; }

    /// <summary>The major version in the cluster's own PG_VERSION; null when there is no such file.</summary>
    public string? ClusterVersion { get; init; }

    /// <summary>Why PG_VERSION could not be checked; null when it was.</summary>
    public string? ClusterUnread { get; init; }

    /// <summary>A persistent mount that was intended for the data and does not contain it; null if there is none, or if the data is on a persistent mount.</summary>
    public MisplacedMount? Misplaced { get; init; }

    public required VolumeSpace Space { get; init; }

    public IReadOnlyList<VolumeUser> Users { get; init; } = [];

    /// <summary>Every container of the engine, including this container.</summary>
    public IReadOnlyList<ContainerSummary> Containers { get; init; } = [];

    /// <summary>Null when its server could not be queried.</summary>
    public ClusterContent? Content { get; init; }

    /// <summary>Null when pg_control cannot be read.</summary>
    public ClusterControl? Control { get; init; }

    /// <summary>When initdb created this cluster.</summary>
    public DateTimeOffset? ClusterCreated => Control?.Created;

    /// <summary>Volumes that hold a cluster and that no container uses.</summary>
    public IReadOnlyList<PgDockerVolume> LeftBehind { get; init; } = [];

    /// <summary>Null when no env file was specified.</summary>
    public AppTarget? App { get; init; }

    public string Name => Container.ShortName;

    public string Image => Container.Config?.Image ?? Container.Image ?? "";

    /// <summary>A name for a volume for this container's data, if it has no volume yet.</summary>
    public string SuggestedVolume => $"{Name}-data";

    public string? ComposeProject => Container.Label(ComposeLabels.Project);

    public string? ComposeService => Container.Label(ComposeLabels.Service);
}
