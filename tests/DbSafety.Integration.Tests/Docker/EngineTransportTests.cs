using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>The ways to an engine that is not behind this machine's socket: TLS, contexts, ssh. By the command line, whose environment is its own.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class EngineTransportTests(DockerEngineFixture docker)
{
    [RootFact]
    public Task Mutual_TLS_works_by_environment_and_context_and_rejects_an_unknown_certificate_authority() => docker.WithTlsAsync(async server =>
    {
        using var folder = new TempFolder();
        var host = $"tcp://localhost:{server.TlsPort}";
        using var engine = new DockerEngine(EngineAddress.Parse(host, new EngineTls(server.ClientCertificates)));
        var container = await engine.CreateContainerAsync(new ContainerRequest(TestImages.App), CancellationToken.None);
        var named = new Dictionary<string, string?> { ["DOCKER_HOST"] = host, ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = server.ClientCertificates };
        await AnswersAsync(named);

        var config = WriteContext(folder.Path, host, server.ClientCertificates);
        var context = new Dictionary<string, string?> { ["DOCKER_CONFIG"] = config, ["DOCKER_HOST"] = null };
        await AnswersAsync(context);
        await AnswersAsync(context, "--docker-context", "vps");
        var unknown = await Dbsafety.RunAsync(context, "volume", "test", container, "--docker-context", "elsewhere");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("the context does not exist; existing contexts: vps", unknown.Error, StringComparison.Ordinal);

        File.Copy(server.Stranger, Path.Combine(config, "ca.pem"));
        var refused = await Dbsafety.RunAsync(new Dictionary<string, string?>(named) { ["DOCKER_CERT_PATH"] = config }, "volume", "test", container);
        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("TLS failed", refused.Error, StringComparison.Ordinal);
        await engine.RemoveContainerAsync(container, CancellationToken.None);

        async Task AnswersAsync(Dictionary<string, string?> environment, params string[] more)
        {
            var test = await Dbsafety.RunAsync(environment, ["volume", "test", container, .. more]);
            Assert.True(test.Output.Contains("is not recognised as a PostgreSQL server", StringComparison.Ordinal), test.Error);
        }
    });

    /// <summary>A relay leads to the same engine by an address that its certificate is for and by one that it is not for.</summary>
    [RootFact]
    public Task Engine_with_a_certificate_for_another_host_is_rejected() => docker.WithTlsAsync(async server =>
    {
        using var relay = new TcpListener(IPAddress.Any, 0);
        relay.Start();
        var relaying = RelayAsync();
        var port = ((IPEndPoint)relay.LocalEndpoint).Port;
        using (var engine = new DockerEngine(EngineAddress.Parse($"tcp://127.0.0.1:{port}", new EngineTls(server.ClientCertificates))))
            Assert.NotEmpty((await engine.VersionAsync(CancellationToken.None)).Version);
        using (var engine = new DockerEngine(EngineAddress.Parse($"tcp://127.0.0.2:{port}", new EngineTls(server.ClientCertificates))))
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(() => engine.VersionAsync(CancellationToken.None));
            Assert.Equal("DBS501", error.Code);
            Assert.Contains("TLS failed", error.Message, StringComparison.Ordinal);
        }

        relay.Stop();
        await relaying;

        async Task RelayAsync()
        {
            var all = new List<Task>();
            try
            {
                while (true)
                    all.Add(CarryAsync(await relay.AcceptTcpClientAsync()));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(all);
            }
        }

        async Task CarryAsync(TcpClient client)
        {
            using var near = client;
            using var far = new TcpClient();
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, server.TlsPort);
                await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // One of them has gone.
            }
        }
    });

    [RootFact]
    public Task Program_in_a_container_receives_end_of_input_over_TLS() => docker.WithTlsAsync(async server =>
    {
        using var engine = new DockerEngine(EngineAddress.Parse($"tcp://localhost:{server.TlsPort}", new EngineTls(server.ClientCertificates)));
        var container = await engine.CreateContainerAsync(new ContainerRequest(TestImages.App) { Network = "none" }, CancellationToken.None);
        await engine.StartContainerAsync(container, CancellationToken.None);
        using var output = new MemoryStream();

        var result = await engine.ExecAsync(
            new ExecRequest(container, "cat"), (s, ct) => s.CopyToAsync(output, ct), (s, ct) => s.WriteAsync("to the end"u8.ToArray(), ct).AsTask(), CancellationToken.None);
        await engine.RemoveContainerAsync(container, CancellationToken.None);

        Assert.Equal((0, "to the end"), (result.ExitCode, Encoding.UTF8.GetString(output.ToArray())));
    });

    /// <summary>A stand-in for ssh runs what it is given here, so that the real dial-stdio of the real docker command carries the stream.</summary>
    [LongFact(needsRoot: true)]
    public async Task Connection_over_ssh_uses_docker_system_dial_stdio_on_the_remote_host()
    {
        using var folder = new TempFolder();
        await WriteProgramAsync(folder.Path, "ssh", $"""
            echo "$@" >> '{folder.Path}/asked'
            while [ "$1" != -- ]; do shift; done
            case $2 in nowhere) echo 'ssh: Could not resolve hostname nowhere' >&2; exit 255 ;; esac
            shift 2; export DOCKER_HOST={docker.Address.Text}; unset DOCKER_CONTEXT; exec "$@"
            """);
        var environment = new Dictionary<string, string?> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", ["DOCKER_HOST"] = "ssh://root@vps:2222" };
        var target = await docker.StartPostgresAsync("ssh");

        var test = await Dbsafety.RunAsync(environment, "volume", "test", target.Container!);
        Assert.Contains(target.Container!, test.Output, StringComparison.Ordinal);
        Assert.Contains("-l root -p 2222 -- vps docker system dial-stdio", await File.ReadAllTextAsync(Path.Combine(folder.Path, "asked")), StringComparison.Ordinal);

        // The engine is another machine's as far as can be told: its loopback ports are not ours, so the database is reached through it.
        var measured = await Dbsafety.RunAsync(environment, "database", "measure", "--container", target.Container!);
        Assert.True(measured.ExitCode == 0, measured.Error);
        Assert.StartsWith("shop on ", measured.Output, StringComparison.Ordinal);

        environment["DOCKER_HOST"] = "ssh://nowhere";
        var lost = await Dbsafety.RunAsync(environment, "volume", "test", target.Container!);
        Assert.Equal(5, lost.ExitCode);
        Assert.Contains("Could not resolve hostname nowhere", lost.Error, StringComparison.Ordinal);
    }

    [LongFact(needsRoot: true)]
    [Hazard("H27")]
    public async Task Volume_test_and_backup_work_over_an_SSH_server_and_an_interrupted_connection_is_an_error()
    {
        using var server = await SshServer.StartAsync(docker.Address.Text);
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{server.Programs}:{Environment.GetEnvironmentVariable("PATH")}",
            ["DOCKER_HOST"] = $"ssh://{Environment.UserName}@127.0.0.1:{server.Port}",
            ["DBSAFETY_PG_BIN"] = folder.Path,
        };
        var target = await docker.StartPostgresAsync("real-ssh");
        await docker.DockerAsync("exec", target.Container!, "psql", "-qU", "postgres", "shop", "-c", SampleSql.Shop);

        var test = await Dbsafety.RunAsync(environment, "volume", "test", target.Container!);
        Assert.True(test.Output.Contains($"{target.Container} (", StringComparison.Ordinal), $"{test.Error}{server.Log}");
        var backup = await Dbsafety.RunAsync(environment, "backup", "create", "--container", target.Container!, "--destination", Path.Combine(folder.Path, "b"));
        Assert.True(backup.ExitCode == 0, backup.Error);

        await docker.DockerAsync("exec", target.Container!, "psql", "-qU", "postgres", "shop", "-c", "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 20) AS t FROM generate_series(1, 200000) i");
        var other = Path.Combine(folder.Path, "other");
        using var run = Dbsafety.Start(environment, "backup", "create", "--container", target.Container!, "--destination", other);
        await run.UntilAsync(() => Task.FromResult(Directory.Exists(other) && Directory.GetFiles(other).Any(f => new FileInfo(f).Length > 0)), "the dump had begun");
        server.Cut();
        var cut = await run.EndAsync();
        await docker.DockerAsync("rm", "--force", "--volumes", target.Container!);

        Assert.True(cut.ExitCode is 1 or 5, cut.Error);
        Assert.Matches("error DBS(104|113|501|507): ", cut.Error);
        Assert.Empty(Directory.GetFileSystemEntries(other));
    }

    [RootFact]
    public async Task Request_to_an_unresponsive_engine_ends_when_cancelled()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var engine = new DockerEngine(EngineAddress.Parse($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null));
        using var stop = new CancellationTokenSource();
        var listing = engine.ListContainersAsync(stop.Token);
        using var client = await listener.AcceptTcpClientAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
    }

    private static string WriteContext(string folder, string host, string certificates)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("vps"u8));
        var meta = Directory.CreateDirectory(Path.Combine(folder, "config", "contexts", "meta", hash)).FullName;
        File.WriteAllText(Path.Combine(meta, "meta.json"), """{"Name":"vps","Metadata":{},"Endpoints":{"docker":{"Host":"HOST","SkipTLSVerify":false}}}""".Replace("HOST", host, StringComparison.Ordinal));
        var tls = Directory.CreateDirectory(Path.Combine(folder, "config", "contexts", "tls", hash, "docker")).FullName;
        foreach (var file in Directory.GetFiles(certificates))
            File.Copy(file, Path.Combine(tls, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(folder, "config", "config.json"), """{"currentContext":"vps"}""");
        return Path.Combine(folder, "config");
    }

    private static async Task WriteProgramAsync(string folder, string name, string script)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
