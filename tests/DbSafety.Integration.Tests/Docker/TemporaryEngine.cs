using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>
/// A dockerd of the tests' own: its data, its sockets and its networks are in a temporary folder, and it touches neither the
/// machine's bridge nor its firewall. It ends with this process, however that ends.
/// </summary>
internal sealed class TemporaryEngine : IAsyncDisposable
{
    private const string Daemon = "/usr/sbin/dockerd";
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo folder;
    private readonly Process guard;
    private bool hasEnded;

    private TemporaryEngine(DirectoryInfo folder, int tlsPort)
    {
        this.folder = folder;
        TlsPort = tlsPort;
        Certificates.Write(folder.FullName);
        guard = Start(folder.FullName, tlsPort);
        Address = EngineAddress.Parse($"unix://{folder.FullName}/docker.sock");
    }

    public EngineAddress Address { get; }

    /// <summary>Where it listens with TLS, on localhost; it asks for a certificate.</summary>
    public int TlsPort { get; }

    /// <summary>The client's ca.pem, cert.pem and key.pem.</summary>
    public string ClientCertificates => Path.Combine(folder.FullName, "client");

    /// <summary>A certificate that has nothing to do with it.</summary>
    public string Stranger => Path.Combine(folder.FullName, "stranger.pem");

    private string Log => Path.Combine(folder.FullName, "dockerd.log");

    public static async Task<TemporaryEngine> StartAsync()
    {
        if (!File.Exists(Daemon))
            throw new InvalidOperationException($"The Docker tests need an engine: none answers at {EngineAddress.Local}, and there is no {Daemon}. Install it: apt-get install docker.io");
        // Short: a Unix socket's path has at most 108 bytes, and containerd adds its own below this folder.
        var folder = Directory.CreateTempSubdirectory("dbs-engine-");
        var engine = new TemporaryEngine(folder, FreePort());
        try
        {
            await engine.AnswersAsync();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (hasEnded)
            return;
        hasEnded = true;
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    /// <summary>SIGKILL: its containers run on until this is disposed.</summary>
    public void Kill()
    {
        using var engine = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(folder.FullName, "pid")), CultureInfo.InvariantCulture));
        engine.Kill();
    }

    private static Process Start(string folder, int tlsPort)
    {
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, "docker", "throwaway-engine.sh"), folder,
            "--host", $"tcp://127.0.0.1:{tlsPort}", "--tlsverify", "--tlscacert", Path.Combine(folder, "server", "ca.pem"),
            "--tlscert", Path.Combine(folder, "server", "cert.pem"), "--tlskey", Path.Combine(folder, "server", "key.pem"),
        ];
        return Process.Start(new ProcessStartInfo("/bin/sh", command) { RedirectStandardInput = true, UseShellExecute = false })!;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AnswersAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var engine = new DockerEngine(Address);
                await engine.VersionAsync(CancellationToken.None);
                return;
            }
            catch (DbSafetyException) when (watch.Elapsed < WaitLimit)
            {
                await Task.Delay(50);
            }
            catch (DbSafetyException e)
            {
                var reported = File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(20)) : "nothing";
                throw new InvalidOperationException($"dockerd did not start within {WaitLimit.TotalSeconds} s (it wants root). Its log ends with:\n{reported}", e);
            }
        }
    }
}
