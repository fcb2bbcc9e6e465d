namespace DbSafety.Docker.Engine.Models;

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

    /// <summary>The host's folder that a volume of the driver <c>local</c> is (<c>o=bind,device=/srv/data</c>); null for others.</summary>
    internal string? BoundFolder => Options?.GetValueOrDefault("o")?.Split(',').Any(o => o is "bind" or "rbind") == true ? Options.GetValueOrDefault("device") : null;

    /// <summary>The type of file system that its options name, such as <c>tmpfs</c> or <c>nfs</c>.</summary>
    internal string? OptionType => Options?.GetValueOrDefault("type");

    public string? Label(string name) => Labels?.GetValueOrDefault(name);
}
