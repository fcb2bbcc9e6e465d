using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes;

/// <summary>The verdict on a container's data, with a check for every reason.</summary>
public sealed record DockerVolumeTest
{
    public required string Container { get; init; }

    /// <summary>The image as the container names it.</summary>
    public required string Image { get; init; }

    /// <summary>The worst state among <see cref="Checks"/>.</summary>
    public CheckState Verdict => Checks.Select(c => c.State).DefaultIfEmpty(CheckState.Unknown).Max();

    /// <summary>
    /// True when the data directory is on a named volume or a folder of the host, and no check of the data's location failed: the container can be
    /// removed and re-created. Whether its image and the application fit is checked separately.
    /// </summary>
    public bool Survives =>
        MountKind is Mounts.MountKind.NamedVolume or Mounts.MountKind.BindMount
        && !Checks.Any(c => c is { State: CheckState.Fail, Id: "data-directory" or "mount" or "mount-place" or "volume" or "sole-use" or "next-up" });

    /// <summary>The data directory; null when the container is not PostgreSQL.</summary>
    public string? PgData { get; init; }

    /// <summary>Null when the container is not PostgreSQL.</summary>
    public MountKind? MountKind { get; init; }

    /// <summary>The volume's name, or the host's folder of a bind mount.</summary>
    public string? Volume { get; init; }

    /// <summary>What the data directory takes, in bytes; null when it could not be measured.</summary>
    public long? SizeBytes { get; init; }

    public required IReadOnlyList<VolumeCheck> Checks { get; init; }
}
