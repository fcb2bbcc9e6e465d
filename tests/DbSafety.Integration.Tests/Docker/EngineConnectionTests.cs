using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>What keeps us from an engine, in plain words. Needs no engine.</summary>
public sealed class EngineConnectionTests : IDisposable
{
    private const uint Nobody = 65534;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dbs-socket-");

    private string Socket => Path.Combine(folder.FullName, "docker.sock");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(false, "the socket does not exist")]
    [InlineData(true, "connection refused")]
    public async Task Missing_Docker_engine_is_an_error_with_a_hint(bool fileIsThere, string reason)
    {
        if (fileIsThere)
        {
            // A socket whose owner has gone: the file stays.
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(Socket));
            File.Move(Socket, Socket + ".moved");
            listener.Dispose();
            File.Move(Socket + ".moved", Socket);
        }

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new TestDockerVolume().RunAsync(
            new DockerVolumeRequest("shop") { DockerHost = $"unix://{Socket}" }, OperationEvents.None, CancellationToken.None));

        Assert.Equal(("DBS501", 5), (error.Code, error.ExitCode));
        Assert.Equal($"no Docker engine responds at unix://{Socket}: {reason}", error.Message);
        Assert.Contains("DOCKER_HOST", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Socket_without_permission_raises_DBS502()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Socket));
        listener.Listen();
        File.SetUnixFileMode(Socket, UnixFileMode.None);
        File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            // Root may open anything: this thread alone looks at files as nobody does.
            _ = SetFileUser(Nobody);
            failure = Record.Exception(() => EngineConnection.OpenAsync(EngineAddress.Parse($"unix://{Socket}"), CancellationToken.None).AsTask().GetAwaiter().GetResult());
        });
        thread.Start();
        thread.Join();

        Assert.Equal("DBS502", Assert.IsType<DbSafetyException>(failure).Code);
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetFileUser(uint user);
}
