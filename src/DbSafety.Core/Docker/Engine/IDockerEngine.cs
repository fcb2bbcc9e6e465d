using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;

namespace DbSafety.Docker.Engine;

/// <summary>
/// The part of the Docker Engine HTTP API that DbSafety uses, API 1.41 (engine 20.10) and later
/// (https://docs.docker.com/reference/api/engine/version-history/). Null is returned for an object that does not exist; every other
/// failure is thrown.
/// </summary>
/// <exception cref="DbSafetyException"><c>DBS501</c> to <c>DBS503</c>, <c>DBS506</c>, <c>DBS507</c>, <c>DBS509</c>.</exception>
public interface IDockerEngine : IDisposable
{
    EngineAddress Address { get; }

    /// <summary>The engine's version and the negotiated API version.</summary>
    Task<EngineVersion> VersionAsync(CancellationToken ct);

    /// <summary>Containers, running or not: <c>GET /containers/json?all=true</c>.</summary>
    Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(CancellationToken ct);

    /// <param name="container">A name, an id, or the beginning of an id that only one container has.</param>
    Task<ContainerDetails?> InspectContainerAsync(string container, CancellationToken ct);

    /// <summary>Creates a container and does not start it.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="DbSafetyException"><c>DBS511</c> the engine does not have the image.</exception>
    Task<string> CreateContainerAsync(ContainerRequest request, CancellationToken ct);

    /// <summary>Has no effect on a running container.</summary>
    Task StartContainerAsync(string container, CancellationToken ct);

    /// <summary>Sends SIGTERM, or the image's stop signal; SIGKILL after <paramref name="waitLimit"/>, in full seconds.</summary>
    Task StopContainerAsync(string container, TimeSpan waitLimit, CancellationToken ct);

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    Task<int> WaitContainerAsync(string container, CancellationToken ct);

    /// <summary>Stops and removes a container with its anonymous volumes, but not its named volumes.</summary>
    Task RemoveContainerAsync(string container, CancellationToken ct);

    /// <summary>The last lines of both its outputs.</summary>
    Task<string> LogsAsync(string container, int lines, CancellationToken ct);

    Task<IReadOnlyList<ImageSummary>> ListImagesAsync(CancellationToken ct);

    Task<ImageDetails?> InspectImageAsync(string image, CancellationToken ct);

    /// <summary>Pulls an image from its registry, without credentials.</summary>
    /// <exception cref="DbSafetyException"><c>DBS511</c>.</exception>
    Task PullImageAsync(string image, Action<PullProgress> progress, CancellationToken ct);

    Task<IReadOnlyList<VolumeDetails>> ListVolumesAsync(CancellationToken ct);

    Task<VolumeDetails?> InspectVolumeAsync(string volume, CancellationToken ct);

    /// <summary>Bytes of every volume the engine measures: those of the driver <c>local</c> (<c>GET /system/df</c>). It reads them all, which takes time.</summary>
    Task<IReadOnlyDictionary<string, long>> VolumeSizesAsync(CancellationToken ct);

    Task CreateVolumeAsync(string volume, IReadOnlyDictionary<string, string> labels, CancellationToken ct);

    /// <summary>A volume that does not exist counts as removed; a volume that a container uses is an error.</summary>
    Task RemoveVolumeAsync(string volume, CancellationToken ct);

    /// <summary>
    /// A small file's bytes, out of a running or a stopped container: <c>GET /containers/{id}/archive</c>. Engines before 25 cannot read
    /// a tmpfs this way. Null when the file does not exist.
    /// </summary>
    /// <param name="path">An absolute path in the container.</param>
    Task<byte[]?> ReadFileAsync(string container, string path, CancellationToken ct);

    /// <summary>Runs a program inside a running container, without a terminal, so that its bytes are not changed.</summary>
    Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct);

    /// <summary>
    /// The same with streams: <paramref name="readOutput"/> on its standard output, <paramref name="writeInput"/> on its standard input. When either of
    /// them fails or <paramref name="ct"/> is cancelled, the program is killed in its container, which requires a shell and grep there.
    /// </summary>
    /// <returns>The exit code and the end of standard error, at most 64 KiB or so.</returns>
    Task<ExecResult> ExecAsync(ExecRequest request, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct);

    /// <summary>The events since a time, and new events until it is cancelled (API 1.41, SystemEvents).</summary>
    IAsyncEnumerable<EngineEvent> EventsAsync(DateTimeOffset since, CancellationToken ct);
}
