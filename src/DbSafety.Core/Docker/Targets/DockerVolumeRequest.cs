using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Docker.Targets;

/// <summary>Asks whether a container's PostgreSQL data is on a volume that survives.</summary>
/// <param name="Container">A name, an id or its beginning; a compose file (<c>*.yml</c>, <c>*.yaml</c>), service, project or PROJECT/SERVICE; or the name of a volume that a container has.</param>
public sealed record DockerVolumeRequest(string Container)
{
    /// <summary>Is a compose file meant, and no container? Then it is a path.</summary>
    public static bool IsComposeFile(string name) =>
        name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase);

    /// <summary>The app's env file: does its <c>DATABASE_URL</c> lead to this container?</summary>
    public string? EnvFile { get; init; }

    /// <summary>As <c>DOCKER_HOST</c> is written. Null: that variable, else the engine of this machine.</summary>
    public string? DockerHost { get; init; }

    /// <summary>A Docker context.</summary>
    public string? DockerContext { get; init; }
}
