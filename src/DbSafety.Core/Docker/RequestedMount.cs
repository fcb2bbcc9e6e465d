namespace DbSafety.Docker;

/// <summary>A mount that <c>--mount</c> or compose asked for.</summary>
public sealed record RequestedMount
{
    public string? Type { get; init; }

    public string? Source { get; init; }

    public string? Target { get; init; }
}
