using System.Text.Json;
using DbSafety.Databases.Connections;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Targets;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Docker;

/// <summary><c>--container</c>: details from the container, and a way in wherever it is.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class ContainerTargetTests(DockerEngineFixture docker)
{
    /// <summary>A port that is published or none; PostgreSQL's programs on this machine or none.</summary>
    public static TheoryData<bool, bool> Ways => Round.IsLong
        ? new() { { true, true }, { true, false }, { false, true }, { false, false } }
        : new() { { false, false } };

    public static TheoryData<string> Relays => Round.IsLong ? ["perl", "socat", "bash", "nc"] : ["perl", "nc"];

    /// <summary>With PostgreSQL's programs on this machine, and with none: then those in the container do the work.</summary>
    [RootTheory]
    [MemberData(nameof(Ways))]
    public async Task Command_line_measures_backs_up_migrates_and_restores_a_database_in_a_container(bool published, bool hasPrograms)
    {
        using var folder = new TempFolder();
        var name = $"story-{published}-{hasPrograms}".ToLowerInvariant();
        // Without a network of its own nothing but the engine leads there, as into a network that compose made internal.
        var container = await docker.RunAsync(
            name, docker.Images.Postgres, [.. published ? (string[])["--publish", "127.0.0.1::5432"] : ["--network", "none"], "--env", "POSTGRES_DB=shop", "--env", "POSTGRES_USER=owner"]);
        await docker.DockerAsync("exec", container, "psql", "-qU", "owner", "shop", "-c", SampleSql.Shop);
        var environment = Environment(hasPrograms ? null : folder.Path);
        var backups = Path.Combine(folder.Path, "backups");

        var fingerprint = await SucceedsAsync(environment, "database", "measure", "--container", container, "--json");
        var backup = await SucceedsAsync(environment, "backup", "create", "--container", container, "--destination", backups, "--json");
        Assert.Equal(container, backup.GetProperty("Manifest").GetProperty("Source").GetProperty("Container").GetString());
        Assert.Equal(fingerprint.GetProperty("Rows").GetInt64(), backup.GetProperty("Rows").GetInt64());

        var migrations = Directory.CreateDirectory(Path.Combine(folder.Path, "migrations")).FullName;
        await File.WriteAllTextAsync(Path.Combine(migrations, "001_note.sql"), "ALTER TABLE orders ADD COLUMN extra text;");
        var run = await SucceedsAsync(environment, "migration", "run", migrations, "--container", container, "--destination", backups, "--json");
        Assert.Contains($"a temporary container of {docker.Images.Postgres}", run.GetProperty("Stages").ToString(), StringComparison.Ordinal);

        await docker.DockerAsync("exec", container, "psql", "-qU", "owner", "shop", "-c", "DELETE FROM orders");
        await SucceedsAsync(environment, "restore", "run", backup.GetProperty("Path").GetString()!, "--container", container, "--json");
        var restored = await SucceedsAsync(environment, "database", "measure", "--container", container, "--json");
        Assert.Equal(fingerprint.GetProperty("SchemaHash").GetString(), restored.GetProperty("SchemaHash").GetString());
        Assert.Equal(fingerprint.GetProperty("Rows").GetInt64(), restored.GetProperty("Rows").GetInt64());
        // The server took nothing of this for a crash.
        Assert.DoesNotContain("terminating any other active server processes", await docker.DockerAsync("logs", container), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Login_reads_password_files_and_Bitnami_variables_and_works_with_an_outdated_password()
    {
        var container = await docker.RunAsync("secret", docker.Images.Postgres, "--network", "none", "--env", "POSTGRES_PASSWORD=first", "--env", "POSTGRESQL_PASSWORD_FILE=/tmp/secret");
        await docker.DockerAsync("exec", container, "sh", "-c", "printf 'of a file\\n' > /tmp/secret");
        using var engine = new DockerEngine(docker.Address);
        var place = new ContainerPlace(engine, container, container);
        Assert.Equal(new ContainerLogin("postgres", "of a file", "postgres"), await ContainerLogin.ReadAsync(place, new ContainerConfig { Env = ["POSTGRES_PASSWORD_FILE=/tmp/secret"] }, CancellationToken.None));
        Assert.Equal(
            new ContainerLogin("app", "x", "web"),
            await ContainerLogin.ReadAsync(place, new ContainerConfig { Env = ["POSTGRESQL_USERNAME=app", "POSTGRESQL_PASSWORD=x", "POSTGRESQL_DATABASE=web"] }, CancellationToken.None));
        Assert.Equal(
            new ContainerLogin("postgres", "y", "web"),
            await ContainerLogin.ReadAsync(place, new ContainerConfig { Env = ["POSTGRESQL_USERNAME=app", "POSTGRESQL_POSTGRES_PASSWORD=y", "POSTGRESQL_DATABASE=web"] }, CancellationToken.None));

        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "-c", "ALTER ROLE postgres PASSWORD 'changed'");
        await using var target = await OpenAsync(container);
        Assert.Equal(1, await PgServer.ScalarAsync<int>(target.Target, "SELECT 1"));
    }

    [RootFact]
    public async Task Connection_to_a_published_port_with_a_changed_password_uses_a_tunnel_into_the_container()
    {
        var published = await docker.StartPostgresAsync("changed");
        await PgServer.ExecuteAsync(published, "ALTER ROLE postgres PASSWORD 'changed'");
        await using var target = await OpenAsync(published.Container!);
        Assert.True(target.IsTunnelled);
        Assert.Equal("shop", await PgServer.ScalarAsync<string>(target.Target, "SELECT current_database()::text"));
    }

    [RootFact]
    public async Task Compose_names_resolve_to_a_container_and_unresolved_names_are_errors()
    {
        var container = await docker.RunAsync(
            "service", docker.Images.Postgres, "--label", "com.docker.compose.project=prj1", "--label", "com.docker.compose.service=db1");
        await docker.CreateAsync("app1", TestImages.App, "--label", "com.docker.compose.project=prj1", "--label", "com.docker.compose.service=web1");
        var other = await docker.RunAsync("service2", docker.Images.Postgres, "--label", "com.docker.compose.project=prj2", "--label", "com.docker.compose.service=db1");
        foreach (var name in new[] { container, "prj1", "prj1/db1" })
        {
            await using var target = await OpenAsync(name);
            Assert.Equal(container, target.Target.Container);
        }

        Assert.Equal("DBS505", (await Assert.ThrowsAsync<DbSafetyException>(() => OpenAsync("db1"))).Code);
        Assert.Equal("DBS504", (await Assert.ThrowsAsync<DbSafetyException>(() => OpenAsync("prj1/web1"))).Code);
        await docker.DockerAsync("stop", "-t", "1", other);
        await using (var running = await OpenAsync("db1"))
            Assert.Equal(container, running.Target.Container);
        Assert.Equal("DBS506", (await Assert.ThrowsAsync<DbSafetyException>(() => OpenAsync(other))).Code);
        var app = await docker.CreateAsync("no-server", TestImages.App);
        Assert.Equal("DBS512", (await Assert.ThrowsAsync<DbSafetyException>(() => OpenAsync(app))).Code);
    }

    [RootTheory]
    [InlineData("perl")]
    [InlineData("bash")]
    [InlineData("socat")]
    [InlineData("nc")]
    public async Task Interrupted_relay_does_not_affect_the_server_or_other_sessions(string program)
    {
        var container = await docker.RunAsync($"relay-{program}", docker.Images.Postgres, "--network", "none");
        using var engine = new DockerEngine(docker.Address);
        await using var other = await OpenAsync(container);
        await using var session = await other.Target.OpenAsync(CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            using var stop = new CancellationTokenSource();
            var carrying = engine.ExecAsync(
                new ExecRequest(container, ContainerRelay.Of(program, 5432).Command) { EndsWithItsInput = true },
                async (output, ct) =>
                {
                    Assert.Equal(1, await output.ReadAsync(new byte[1], ct));
                    await stop.CancelAsync();
                },
                async (input, ct) =>
                {
                    await input.WriteAsync((byte[])[0, 0, 0, 8, 4, 210, 22, 47], ct);
                    await Task.Delay(Timeout.Infinite, ct);
                },
                stop.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => carrying);
        }

        await using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", session);
        Assert.Equal(1L, await command.ExecuteScalarAsync());
        Assert.DoesNotContain("was terminated by signal", await docker.DockerAsync("logs", container), StringComparison.Ordinal);
        // The other session has its own.
        var programs = (await docker.DockerAsync("exec", container, "sh", "-c", "cat /proc/[0-9]*/comm")).Split('\n');
        Assert.Equal(program == "perl" ? 1 : 0, programs.Count(p => p == program));
    }

    [RootTheory]
    [MemberData(nameof(Relays))]
    public async Task Each_relay_program_alone_in_an_image_carries_sessions(string program)
    {
        using var folder = new TempFolder();
        var container = await docker.RunAsync($"only-{program}", docker.Images.Postgres, "--network", "none", "--env", "POSTGRES_DB=shop");
        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "shop", "-c", SampleSql.Shop);
        string[] others = [.. ((string[])["perl", "socat", "bash", "nc"]).Where(p => p != program).Select(p => "/usr/bin/" + p)];
        await docker.DockerAsync(["exec", container, "rm", "-f", .. others]);

        var backup = await SucceedsAsync(Environment(null), "backup", "create", "--container", container, "--destination", folder.Path, "--json");

        Assert.Equal(623, backup.GetProperty("Rows").GetInt64());
        Assert.DoesNotContain(program, await docker.DockerAsync("exec", container, "sh", "-c", "cat /proc/[0-9]*/comm"), StringComparison.Ordinal);
        Assert.DoesNotContain("was terminated by signal", await docker.DockerAsync("logs", container), StringComparison.Ordinal);
    }

    private Task<ContainerTarget> OpenAsync(string name) =>
        ContainerTarget.OpenAsync(new ContainerTargetRequest(name) { DockerHost = docker.Address.Text }, new RecordedEvents(), CancellationToken.None);

    private Dictionary<string, string?> Environment(string? programs) => new() { ["DBSAFETY_PG_BIN"] = programs, ["DOCKER_HOST"] = docker.Address.Text, ["PGHOST"] = "nowhere" };

    private static async Task<JsonElement> SucceedsAsync(Dictionary<string, string?> environment, params string[] arguments)
    {
        var result = await Dbsafety.RunAsync(environment, arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.Error}");
        return JsonDocument.Parse(result.Output).RootElement[0];
    }
}
