using System.Globalization;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>
/// Where an image keeps its cluster. Official images before PostgreSQL 18: data and VOLUME in <c>/var/lib/postgresql/data</c>; 18 and later: data in
/// <c>/var/lib/postgresql/MAJOR/docker</c>, VOLUME <c>/var/lib/postgresql</c> (https://hub.docker.com/_/postgres, "PGDATA").
/// </summary>
/// <param name="DataDirectory">The cluster's folder.</param>
/// <param name="MountPoint">Where a volume belongs, so that all of the data is on it.</param>
/// <param name="Major">The image's PostgreSQL; null when neither its variables nor its tag show it.</param>
/// <param name="How">How the data directory was determined, for messages.</param>
public sealed record PgLayout(string DataDirectory, string MountPoint, int? Major, string How)
{
    private const string Root = "/var/lib/postgresql";
    private const string Classic = Root + "/data";
    private const string Bitnami = "/bitnami/postgresql";
    private static readonly string[] Repositories = ["postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"];

    /// <summary>Null when the container is not recognised as a PostgreSQL server.</summary>
    public static PgLayout? Of(ContainerDetails container)
    {
        var config = container.Config ?? new ContainerConfig();
        var image = ImageReference.Parse(config.Image ?? "");
        var bitnami = config.Variable("BITNAMI_APP_NAME") == "postgresql";
        var variable = config.Variable("PGDATA");
        if (variable is null && config.Variable("PG_MAJOR") is null && !bitnami && !Repositories.Contains(image.ShortName, StringComparer.Ordinal))
            return null;

        var major = Number(config.Variable("PG_MAJOR")) ?? (bitnami ? Number(config.Variable("APP_VERSION")) : null) ?? image.Major;
        var (data, how) = FromCommand(config.Cmd) is { } given ? (given, "set by the container's command")
            : variable is not null ? (variable, "PGDATA of the container")
            : bitnami ? (config.Variable("POSTGRESQL_DATA_DIR") ?? Bitnami + "/data", "the default of Bitnami's images")
            : major >= 18 ? ($"{Root}/{major}/docker", "the default of images for PostgreSQL 18 and later")
            : (Classic, "the default of images before PostgreSQL 18");
        data = ContainerPath.Normalize(data);
        return new PgLayout(data, MountPointOf(data), major, how);
    }

    /// <summary>The folder a volume is mounted on, for a cluster in <paramref name="data"/>.</summary>
    internal static string MountPointOf(string data) =>
        ContainerPath.IsAtOrAbove(Classic, data) ? Classic
        : ContainerPath.IsBelow(data, Root) ? Root
        : ContainerPath.IsBelow(data, Bitnami) ? Bitnami
        : data;

    /// <summary>
    /// The server's own options override PGDATA: <c>-c data_directory=DIR</c>, <c>--data-directory=DIR</c>, and then <c>-D DIR</c>, unless that is where the
    /// settings are, as in Supabase's images (<c>-D /etc/postgresql</c>).
    /// </summary>
    private static string? FromCommand(IReadOnlyList<string>? command)
    {
        string? folder = null;
        for (var i = 0; i < (command?.Count ?? 0); i++)
        {
            var word = command![i];
            if (word == "-D" && i + 1 < command.Count)
                folder = command[i + 1];
            else if (word.StartsWith("-D/", StringComparison.Ordinal))
                folder = word[2..];
            foreach (var start in (ReadOnlySpan<string>)["--data-directory=", "--data_directory=", "data_directory=", "-cdata_directory="])
            {
                if (word.StartsWith(start, StringComparison.Ordinal))
                    return word[start.Length..];
            }
        }

        return folder is null || ContainerPath.IsAtOrAbove("/etc", folder) ? null : folder;
    }

    private static int? Number(string? text) =>
        int.TryParse(text?.Split('.', '-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
