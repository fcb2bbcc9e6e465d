using System.Text.Json.Serialization;

namespace DbSafety.Docker.Engine.Models;

/// <summary>The answer of <c>GET /system/df</c> up to API 1.51. Docker.DotNet reads the newer one (API 1.52), in which volumes are elsewhere.</summary>
internal sealed record DiskUsage(List<MeasuredVolume>? Volumes);

internal sealed record MeasuredVolume(string Name, VolumeUsage? UsageData);

/// <summary>What a volume takes; -1 where the engine does not measure it.</summary>
internal sealed record VolumeUsage(long Size);

[JsonSerializable(typeof(DiskUsage))]
internal sealed partial class DiskUsageJson : JsonSerializerContext;
