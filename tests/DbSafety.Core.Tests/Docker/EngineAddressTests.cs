using System.Net.Sockets;
using DbSafety.Docker;
using DbSafety.Errors;

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
    public void What_DOCKER_HOST_says_is_read(string text, EngineTransport transport, string path, int port, bool local)
    {
        var address = EngineAddress.Parse(text);
        Assert.Equal(new EngineAddress(text, transport, path, port), address);
        Assert.Equal(local, address.IsLocal);
    }

    [Theory]
    [InlineData("ssh://root@vps", "ssh is not spoken yet")]
    [InlineData("https://vps:2376", "TLS is not spoken yet")]
    [InlineData("fd://", "not an engine's address")]
    [InlineData("/var/run/docker.sock", "not an engine's address")]
    [InlineData("unix://", "not an engine's address")]
    [InlineData("npipe://docker", "a pipe's address is")]
    [InlineData("tcp://:2375", "a TCP address is")]
    public void What_cannot_be_used_is_an_error_that_says_why(string text, string why)
    {
        var error = Assert.Throws<DbSafetyException>(() => EngineAddress.Parse(text));
        Assert.Equal(("DBS508", 2), (error.Code, error.ExitCode));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_connections_are_explained()
    {
        var pipe = EngineAddress.Parse("npipe:////./pipe/docker_engine");
        Assert.Equal("DBS502", EngineConnection.Explained(pipe, new UnauthorizedAccessException()).Code);
        Assert.Equal("DBS502", EngineConnection.Explained(EngineAddress.Parse("unix:///x"), new SocketException((int)SocketError.AccessDenied)).Code);
        Assert.Contains("there is no such pipe", EngineConnection.Explained(pipe, new TimeoutException()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.51", "1.24", "1.51")]
    [InlineData("1.99", "1.44", "1.51")]
    public void The_older_of_both_versions_is_spoken(string engine, string least, string agreed) =>
        Assert.Equal(Version.Parse(agreed), EngineHttp.Agree(EngineAddress.Parse("unix:///x"), new VersionAnswer("x", engine, least, "linux")).Agreed);

    [Theory]
    [InlineData("1.40", "1.12", "DBS503")]
    [InlineData("1.99", "1.60", "DBS509")]
    [InlineData(null, null, "DBS507")]
    public void Engines_too_old_or_too_new_are_errors(string? engine, string? least, string code) =>
        Assert.Equal(code, Assert.Throws<DbSafetyException>(() => EngineHttp.Agree(EngineAddress.Parse("unix:///x"), new VersionAnswer("x", engine, least, "linux"))).Code);
}
