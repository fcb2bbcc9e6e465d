namespace DbSafety.Docker.Engine.Models;

/// <summary>The answer of <c>GET /version</c>.</summary>
/// <param name="Version">The engine's, such as <c>20.10.24</c>.</param>
/// <param name="ApiVersion">The newest API version that the engine supports.</param>
/// <param name="MinApiVersion">The oldest API version that the engine supports.</param>
/// <param name="Agreed">The API version that is used.</param>
public sealed record EngineVersion(string Version, Version ApiVersion, Version MinApiVersion, Version Agreed, string OperatingSystem);
