using System.Text.Json.Serialization;

namespace DbSafety.Docker;

/// <summary>Reads and writes the engine's JSON without reflection, so that the first call is not the slow one.</summary>
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(List<ContainerSummary>))]
[JsonSerializable(typeof(ContainerDetails))]
[JsonSerializable(typeof(ImageDetails))]
[JsonSerializable(typeof(VolumeDetails))]
[JsonSerializable(typeof(VolumeList))]
[JsonSerializable(typeof(ExecCreate))]
[JsonSerializable(typeof(ExecStart))]
[JsonSerializable(typeof(CreatedExec))]
[JsonSerializable(typeof(ExecState))]
[JsonSerializable(typeof(EngineMessage))]
[JsonSerializable(typeof(ContainerCreate))]
[JsonSerializable(typeof(CreatedContainer))]
[JsonSerializable(typeof(WaitedContainer))]
[JsonSerializable(typeof(PullProgress))]
[JsonSerializable(typeof(List<ImageSummary>))]
[JsonSerializable(typeof(VolumeCreate))]
[JsonSerializable(typeof(DiskUsage))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(PathStat))]
internal sealed partial class DockerJson : JsonSerializerContext;

internal sealed record VersionAnswer(string? Version, string? ApiVersion, [property: JsonPropertyName("MinAPIVersion")] string? MinApiVersion, string? Os);

internal sealed record VolumeList(List<VolumeDetails>? Volumes);

internal sealed record ExecCreate(IReadOnlyList<string> Cmd, IReadOnlyList<string> Env, string? User, bool AttachStdin, bool AttachStdout = true, bool AttachStderr = true, bool Tty = false);

internal sealed record ExecStart(bool Detach = false, bool Tty = false);

internal sealed record CreatedExec(string Id);

internal sealed record ExecState(bool Running, int? ExitCode);

internal sealed record ContainerCreate(
    string Image,
    IReadOnlyList<string>? Cmd,
    IReadOnlyList<string>? Entrypoint,
    IReadOnlyList<string>? Env,
    string? User,
    IReadOnlyDictionary<string, string>? Labels,
    IReadOnlyDictionary<string, EmptyObject>? ExposedPorts,
    HostCreate HostConfig);

internal sealed record HostCreate(
    string? NetworkMode, IReadOnlyDictionary<string, IReadOnlyList<PortCreate>>? PortBindings, IReadOnlyList<MountCreate>? Mounts, bool ReadonlyRootfs);

internal sealed record PortCreate(string HostIp, string HostPort);

internal sealed record MountCreate(string Type, string Source, string Target, bool ReadOnly);

internal sealed record EmptyObject;

internal sealed record CreatedContainer(string Id);

internal sealed record WaitedContainer(int StatusCode);

internal sealed record VolumeCreate(string Name, IReadOnlyDictionary<string, string>? Labels);

internal sealed record DiskUsage(List<VolumeDetails>? Volumes);

/// <summary>The header of <c>HEAD /containers/{id}/archive</c>.</summary>
internal sealed record PathStat([property: JsonPropertyName("name")] string? Name, [property: JsonPropertyName("size")] long Size);

/// <summary>What the engine says with every status of 400 and more.</summary>
internal sealed record EngineMessage([property: JsonPropertyName("message")] string? Message);
