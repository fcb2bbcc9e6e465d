using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>
/// The part of the Docker Engine HTTP API that DbSafety uses, from API 1.41 (engine 20.10) on
/// (https://docs.docker.com/reference/api/engine/version-history/). A thing that is not there is a null answer; everything else
/// that goes wrong is thrown.
/// </summary>
/// <exception cref="DbSafetyException"><c>DBS501</c> to <c>DBS503</c>, <c>DBS506</c>, <c>DBS507</c>, <c>DBS509</c>.</exception>
public interface IDockerEngine : IDisposable
{
    EngineAddress Address { get; }

    /// <summary>The engine's version and the API version that was agreed on.</summary>
    Task<EngineVersion> VersionAsync(CancellationToken ct);

    /// <summary>Containers, running or not: <c>GET /containers/json?all=true</c>.</summary>
    Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(CancellationToken ct);

    /// <param name="container">A name, an id, or the beginning of an id that only one container has.</param>
    Task<ContainerDetails?> InspectContainerAsync(string container, CancellationToken ct);

    Task<ImageDetails?> InspectImageAsync(string image, CancellationToken ct);

    Task<IReadOnlyList<VolumeDetails>> ListVolumesAsync(CancellationToken ct);

    Task<VolumeDetails?> InspectVolumeAsync(string volume, CancellationToken ct);

    /// <summary>
    /// A small file's bytes, out of a running or a stopped container: <c>GET /containers/{id}/archive</c>. Engines before 25 do not see
    /// into a tmpfs this way. Null when there is no such file.
    /// </summary>
    /// <param name="path">An absolute path in the container.</param>
    Task<byte[]?> ReadFileAsync(string container, string path, CancellationToken ct);

    /// <summary>Runs a program inside a running container, without a terminal, so that its bytes stay as they are.</summary>
    Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct);
}
