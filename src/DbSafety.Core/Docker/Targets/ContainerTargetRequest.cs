using DbSafety.Databases.Connections;
using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Docker.Targets;

/// <summary>Which container's database.</summary>
/// <param name="Container">A name, an id or its beginning; or a compose service, a compose project, or PROJECT/SERVICE.</param>
public sealed record ContainerTargetRequest(string Container)
{
    /// <summary>Null: the database that the container was created with.</summary>
    public string? Database { get; init; }

    /// <summary>As <c>DOCKER_HOST</c> is written. Null: as the docker command would choose.</summary>
    public string? DockerHost { get; init; }

    /// <summary>A Docker context.</summary>
    public string? DockerContext { get; init; }

    internal EngineAddress? Engine { get; init; }

    /// <summary>The same database again, after its connection was closed.</summary>
    public static ContainerTargetRequest Again(DatabaseTarget target) =>
        new(target.Place?.Id ?? target.Container ?? "") { Database = target.Database, Engine = (target.Place as ContainerPlace)?.Engine.Address };
}
