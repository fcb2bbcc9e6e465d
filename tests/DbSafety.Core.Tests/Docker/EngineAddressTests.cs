using System.Net.Sockets;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using VersionResponse = Docker.DotNet.Models.VersionResponse;

namespace DbSafety.Core.Tests.Docker;

public sealed class EngineAddressTests
{
    [Theory]
    [InlineData("unix:///run/user/1000/docker.sock", EngineTransport.UnixSocket, "/run/user/1000/docker.sock", 0, true)]
    [InlineData("npipe:////./pipe/docker_engine", EngineTransport.NamedPipe, "docker_engine", 0, true)]
    [InlineData("tcp://10.0.0.5:2375", EngineTransport.Tcp, "10.0.0.5", 2375, false)]
    [InlineData("tcp://localhost", EngineTransport.Tcp, "localhost", 2375, true)]
    [InlineData("tcp://[::1]:4000", EngineTransport.Tcp, "::1", 4000, true)]
    [InlineData("http://vps:80/", EngineTransport.Tcp, "vps", 80, false)]
    public void DOCKER_HOST_addresses_are_parsed(string text, EngineTransport transport, string path, int port, bool local)
    {
        var address = EngineAddress.Parse(text);
        Assert.Equal(new EngineAddress(text, transport, path, port), address);
        Assert.Equal(local, address.IsLocal);
    }

    [Theory]
    [InlineData("ssh://", "an ssh address is")]
    [InlineData("ssh://-oProxyCommand=evil", "an ssh address is")]
    [InlineData("ssh://root:secret@vps", "it contains a password")]
    [InlineData("fd://", "not the address of an engine")]
    [InlineData("/var/run/docker.sock", "not the address of an engine")]
    [InlineData("unix://", "not the address of an engine")]
    [InlineData("npipe://docker", "a pipe's address is")]
    [InlineData("tcp://:2375", "a TCP address is")]
    public void An_unusable_engine_address_is_an_error_that_states_the_reason(string text, string why)
    {
        var error = Assert.Throws<DbSafetyException>(() => EngineAddress.Parse(text));
        Assert.Equal(("DBS508", 2), (error.Code, error.ExitCode));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh://vps", "-- vps docker system dial-stdio")]
    [InlineData("ssh://root@vps:2222", "-l root -p 2222 -- vps docker system dial-stdio")]
    [InlineData("ssh://vps/run/user/1000/docker.sock", "-- vps docker --host unix:///run/user/1000/docker.sock system dial-stdio")]
    public void An_SSH_address_connects_through_docker_system_dial_stdio_on_the_remote_host(string text, string arguments)
    {
        var address = EngineAddress.Parse(text);
        Assert.Equal((EngineTransport.Ssh, "vps", false), (address.Transport, address.Path, address.IsLocal));
        Assert.EndsWith(arguments, string.Join(' ', address.SshArguments()), StringComparison.Ordinal);
        Assert.Contains("BatchMode=yes", address.SshArguments());
    }

    [Fact]
    public void TLS_is_used_for_https_addresses_and_for_TCP_addresses_with_certificates()
    {
        Assert.Equal((EngineTransport.Tls, "vps", 2376), EngineAddress.Parse("https://vps") is var a ? (a.Transport, a.Path, a.Port) : default);
        Assert.Equal((EngineTransport.Tls, 2376), EngineAddress.Parse("tcp://vps", new EngineTls("/certs")) is var b ? (b.Transport, b.Port) : default);
    }

    [Fact]
    public void Connection_failures_are_reported_with_their_cause()
    {
        var pipe = EngineAddress.Parse("npipe:////./pipe/docker_engine");
        Assert.Equal("DBS502", EngineConnection.Explained(pipe, new UnauthorizedAccessException()).Code);
        Assert.Equal("DBS502", EngineConnection.Explained(EngineAddress.Parse("unix:///x"), new SocketException((int)SocketError.AccessDenied)).Code);
        Assert.Contains("the pipe does not exist", EngineConnection.Explained(pipe, new TimeoutException()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.51", "1.24", "1.51")]
    [InlineData("1.99", "1.44", "1.51")]
    public void The_client_uses_the_older_of_the_client_and_engine_API_versions(string engine, string least, string agreed) =>
        Assert.Equal(Version.Parse(agreed), EngineClient.Agree(EngineAddress.Parse("unix:///x"), new VersionResponse { Version = "x", APIVersion = engine ?? "", MinAPIVersion = least, Os = "linux" }).Agreed);

    [Theory]
    [InlineData("1.40", "1.12", "DBS503")]
    [InlineData("1.99", "1.60", "DBS509")]
    [InlineData(null, null, "DBS507")]
    public void An_engine_with_an_unsupported_API_version_is_an_error(string? engine, string? least, string code) =>
        Assert.Equal(code, Assert.Throws<DbSafetyException>(() => EngineClient.Agree(EngineAddress.Parse("unix:///x"), new VersionResponse { Version = "x", APIVersion = engine ?? "", MinAPIVersion = least, Os = "linux" })).Code);
}
