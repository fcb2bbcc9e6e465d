namespace DbSafety.Docker;

/// <summary>A volume, as <c>GET /volumes</c> and <c>GET /volumes/{name}</c> (API 1.41) describe it.</summary>
public sealed record VolumeDetails
{
    public required string Name { get; init; }

    public string? Driver { get; init; }

    public string? Mountpoint { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The driver's options, such as <c>type=nfs</c>.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>RFC 3339. Older engines move it whenever the volume is used.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In <c>GET /system/df</c> only.</summary>
    public VolumeUsage? UsageData { get; init; }

    public string? Label(string name) => Labels?.GetValueOrDefault(name);
}

/// <summary>What a volume takes; -1 where the engine does not measure it.</summary>
public sealed record VolumeUsage(long Size);
