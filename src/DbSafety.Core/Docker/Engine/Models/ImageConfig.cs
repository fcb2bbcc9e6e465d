namespace DbSafety.Docker.Engine.Models;

/// <summary>The configuration of an image.</summary>
public sealed record ImageConfig
{
    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>The paths its VOLUME lines name.</summary>
    public IReadOnlyDictionary<string, object>? Volumes { get; init; }
}
