using DbSafety.Docker.Mounts;

namespace DbSafety.Core.Tests.Docker;

public sealed class PgLayoutTests
{
    [Theory]
    [InlineData("postgres:16.4", "PG_MAJOR=16 PGDATA=/var/lib/postgresql/data", "/var/lib/postgresql/data", "/var/lib/postgresql/data", 16)]
    [InlineData("postgres:16.4", "PG_MAJOR=16 PGDATA=/var/lib/postgresql/data/pgdata", "/var/lib/postgresql/data/pgdata", "/var/lib/postgresql/data", 16)]
    [InlineData("postgres:18", "PG_MAJOR=18 PGDATA=/var/lib/postgresql/18/docker", "/var/lib/postgresql/18/docker", "/var/lib/postgresql", 18)]
    [InlineData("postgres:18", "PG_MAJOR=18 PGDATA=/var/lib/postgresql/data", "/var/lib/postgresql/data", "/var/lib/postgresql/data", 18)]
    [InlineData("shop/db:1.0", "PG_MAJOR=19", "/var/lib/postgresql/19/docker", "/var/lib/postgresql", 19)]
    [InlineData("postgres:17", "", "/var/lib/postgresql/data", "/var/lib/postgresql/data", 17)]
    [InlineData("postgres:18-alpine", "", "/var/lib/postgresql/18/docker", "/var/lib/postgresql", 18)]
    [InlineData("timescale/timescaledb-ha:pg16", "PGDATA=/home/postgres/pgdata/data", "/home/postgres/pgdata/data", "/home/postgres/pgdata/data", 16)]
    [InlineData("bitnami/postgresql:16", "BITNAMI_APP_NAME=postgresql APP_VERSION=16.4.0", "/bitnami/postgresql/data", "/bitnami/postgresql", 16)]
    [InlineData("postgres:16", "PGDATA=/old PGDATA=/srv/pg/ PG_MAJOR=16", "/srv/pg", "/srv/pg", 16)]
    public void Data_directory_mount_point_and_major_version_are_detected(string image, string env, string data, string mountPoint, int major)
    {
        var layout = PgLayout.Of(Containers.Postgres(image, env.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((data, mountPoint, (int?)major), (layout!.DataDirectory, layout.MountPoint, layout.Major));
    }

    [Theory]
    [InlineData("postgres -D /elsewhere")]
    [InlineData("postgres -D/elsewhere")]
    [InlineData("postgres -c data_directory=/elsewhere")]
    [InlineData("postgres --data-directory=/elsewhere")]
    [InlineData("postgres -D /etc/postgresql --data-directory=/elsewhere")]
    public void The_command_line_options_of_the_server_take_precedence(string command)
    {
        var container = Containers.Postgres();
        container = container with { Config = container.Config! with { Cmd = command.Split(' ') } };
        Assert.Equal("/elsewhere", PgLayout.Of(container)!.DataDirectory);
    }

    /// <summary>As Supabase's images start it; the settings there name the data directory, which is PGDATA's.</summary>
    [Fact]
    public void A_configuration_directory_is_not_the_data_directory()
    {
        var container = Containers.Postgres();
        container = container with { Config = container.Config! with { Cmd = ["postgres", "-D", "/etc/postgresql"] } };
        Assert.Equal("/var/lib/postgresql/data", PgLayout.Of(container)!.DataDirectory);
    }

    [Theory]
    [InlineData("nginx:1.27", "PATH=/bin")]
    [InlineData("prometheuscommunity/postgres-exporter", "")]
    [InlineData("dpage/pgadmin4", "")]
    public void A_container_that_is_not_a_PostgreSQL_server_has_no_layout(string image, string env) =>
        Assert.Null(PgLayout.Of(Containers.Postgres(image, env.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
}
