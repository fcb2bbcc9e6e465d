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
internal sealed partial class DockerJson : JsonSerializerContext;

internal sealed record VersionAnswer(string? Version, string? ApiVersion, [property: JsonPropertyName("MinAPIVersion")] string? MinApiVersion, string? Os);

internal sealed record VolumeList(List<VolumeDetails>? Volumes);

internal sealed record ExecCreate(IReadOnlyList<string> Cmd, IReadOnlyList<string> Env, string? User, bool AttachStdout = true, bool AttachStderr = true, bool Tty = false);

internal sealed record ExecStart(bool Detach = false, bool Tty = false);

internal sealed record CreatedExec(string Id);

internal sealed record ExecState(bool Running, int? ExitCode);

/// <summary>What the engine says with every status of 400 and more.</summary>
internal sealed record EngineMessage([property: JsonPropertyName("message")] string? Message);
