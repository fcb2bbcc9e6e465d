using DbSafety.Databases.Connections;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Targets;

/// <summary>The login to a container's server, from its environment: the official image's variables, and Bitnami's.</summary>
/// <param name="Password">Null when it is not set; local connections often do not need a password.</param>
internal sealed record ContainerLogin(string Username, string? Password, string Database)
{
    public static async Task<ContainerLogin> ReadAsync(ContainerPlace place, ContainerConfig config, CancellationToken ct)
    {
        var administrator = await ValueAsync("POSTGRESQL_POSTGRES_PASSWORD");
        var user = administrator is not null ? "postgres" : await ValueAsync("POSTGRES_USER") ?? await ValueAsync("POSTGRESQL_USERNAME") ?? "postgres";
        var password = administrator ?? await ValueAsync("POSTGRES_PASSWORD") ?? await ValueAsync("POSTGRESQL_PASSWORD");
        return new ContainerLogin(user, password, await ValueAsync("POSTGRES_DB") ?? await ValueAsync("POSTGRESQL_DATABASE") ?? user);

        // NAME_FILE names a file of the container, a Docker secret most often (https://hub.docker.com/_/postgres, "Docker Secrets").
        async Task<string?> ValueAsync(string name) =>
            config.Variable(name)
            ?? (config.Variable(name + "_FILE") is { } file ? (await place.ReadTextAsync(file, ct))?.TrimEnd('\r', '\n') : null);
    }

    public DatabaseTarget At(string host, int port, ContainerPlace place, string? database) => new()
    {
        Host = host,
        Port = port,
        Username = Username,
        Password = Password,
        Database = database ?? Database,
        Container = place.Name,
        Place = place,
    };
}
