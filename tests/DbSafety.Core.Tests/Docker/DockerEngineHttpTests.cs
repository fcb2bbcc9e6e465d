using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Docker;

/// <summary>How the client takes what an engine may say, from a listener that says it word by word.</summary>
public sealed class DockerEngineHttpTests
{
    private const string Version = """{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux"}""";

    [Fact]
    public async Task Requests_over_TCP_use_the_negotiated_API_version()
    {
        var asked = new List<string>();
        await WithEngineAsync(asked, ["200 OK", "200 OK"], [Version, "[]"], async engine => Assert.Empty(await engine.ListContainersAsync(CancellationToken.None)));
        Assert.Equal(["GET /version HTTP/1.1", "GET /v1.41/containers/json?all=1 HTTP/1.1"], asked);
    }

    [Fact]
    public async Task The_client_connects_to_an_engine_over_a_named_pipe()
    {
        var name = "dbs-" + Guid.NewGuid().ToString("N")[..8];
        await using var server = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        var serving = ServeAsync();
        using (var engine = new DockerEngine(EngineAddress.Parse($"npipe:////./pipe/{name}")))
            Assert.Equal("20.10.24", (await engine.VersionAsync(CancellationToken.None)).Version);
        await serving;

        async Task ServeAsync()
        {
            await server.WaitForConnectionAsync();
            await AnswerAsync(server, [], "200 OK", Version, Version.Length);
        }
    }

    [Fact]
    public async Task The_error_contains_the_message_of_the_engine()
    {
        var error = await FailsAsync("500 Internal Server Error", """{"message":"no space left on device"}""");
        Assert.Equal("DBS507", error.Code);
        Assert.EndsWith("no space left on device", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("403 Forbidden", "{}", "DBS502")]
    [InlineData("502 Bad Gateway", "<html>proxy</html>", "DBS507")]
    [InlineData("200 OK", "<html>a web server</html>", "DBS507")]
    [InlineData("200 OK", "null", "DBS507")]
    public async Task Invalid_engine_responses_are_errors_of_the_catalogue(string status, string body, string code) => Assert.Equal(code, (await FailsAsync(status, body)).Code);

    [Fact]
    [Hazard("H27")]
    public async Task An_engine_that_disconnects_during_a_response_is_an_error()
    {
        var error = await FailsAsync("200 OK", """[{"Id":"1"}]""", length: 5000);
        Assert.Equal("DBS501", error.Code);
        Assert.Contains("its response ended unexpectedly", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_values_in_engine_responses_are_accepted()
    {
        const string Container = """{"Id":"1","Name":"/shop","State":null,"Mounts":null,"Config":{"Env":null,"Labels":null,"Cmd":null},"HostConfig":{"Binds":null},"NetworkSettings":{"Ports":{"5432/tcp":null}}}""";
        await WithEngineAsync([], ["200 OK", "200 OK"], [Version, Container], async engine =>
        {
            var container = await engine.InspectContainerAsync("shop", CancellationToken.None);
            Assert.Equal(("shop", false, null), (container!.ShortName, container.IsRunning, container.Config!.Variable("PGDATA")));
        });
    }

    [Fact]
    public async Task A_container_name_is_URL_encoded_in_the_request_path()
    {
        var asked = new List<string>();
        await WithEngineAsync(asked, ["200 OK", "404 Not Found"], [Version, "{}"], async engine => Assert.Null(await engine.InspectContainerAsync("a/../b?c#d%2Fé", CancellationToken.None)));
        Assert.Equal("GET /v1.41/containers/a%2F..%2Fb%3Fc%23d%252F%C3%A9/json HTTP/1.1", asked[1]);
    }

    [Fact]
    public void Passwords_in_a_containers_environment_are_not_printed() =>
        Assert.DoesNotContain("hunter2", Containers.Postgres(env: ["POSTGRES_PASSWORD=hunter2"]).ToString(), StringComparison.Ordinal);

    private static async Task<DbSafetyException> FailsAsync(string status, string body, int? length = null)
    {
        DbSafetyException? error = null;
        await WithEngineAsync([], ["200 OK", status], [Version, body], async engine => error = await Assert.ThrowsAsync<DbSafetyException>(() => engine.ListContainersAsync(CancellationToken.None)), length);
        return error!;
    }

    private static async Task WithEngineAsync(List<string> asked, string[] statuses, string[] bodies, Func<DockerEngine, Task> work, int? length = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync();
        using (var engine = new DockerEngine(EngineAddress.Parse($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")))
            await work(engine);
        await serving;

        async Task ServeAsync()
        {
            for (var i = 0; i < statuses.Length; i++)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream(), asked, statuses[i], bodies[i], i == statuses.Length - 1 ? length : null);
            }
        }
    }

    private static async Task AnswerAsync(Stream stream, List<string> asked, string status, string body, int? length)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        asked.Add(await reader.ReadLineAsync() ?? "");
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length ?? body.Length}\r\n\r\n{body}"));
        await stream.FlushAsync();
    }
}
