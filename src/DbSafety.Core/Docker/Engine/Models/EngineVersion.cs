namespace DbSafety.Docker.Engine.Models;

/// <summary>The answer of <c>GET /version</c>.</summary>
/// <param name="Version">The engine's, such as <c>20.10.24</c>.</param>
/// <param name="ApiVersion">The newest API the engine speaks.</param>
/// <param name="MinApiVersion">The oldest API the engine speaks.</param>
/// <param name="Agreed">What we speak with it.</param>
public sealed record EngineVersion(string Version, Version ApiVersion, Version MinApiVersion, Version Agreed, string OperatingSystem);
