using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Docker.Targets;

/// <summary>A request to check whether a container's PostgreSQL data is on a volume that persists.</summary>
/// <param name="Container">A name, an id or its beginning; a compose file (<c>*.yml</c>, <c>*.yaml</c>), service, project or PROJECT/SERVICE; or the name of a volume that a container has.</param>
public sealed record DockerVolumeRequest(string Container)
{
    /// <summary>Is it the path of a compose file, and not a container?</summary>
    public static bool IsComposeFile(string name) =>
        name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase);

    /// <summary>The app's env file: does its <c>DATABASE_URL</c> point to this container?</summary>
    public string? EnvFile { get; init; }

    /// <summary>As <c>DOCKER_HOST</c> is written. Null: that variable, else the engine of this machine.</summary>
    public string? DockerHost { get; init; }

    /// <summary>A Docker context.</summary>
    public string? DockerContext { get; init; }
}
