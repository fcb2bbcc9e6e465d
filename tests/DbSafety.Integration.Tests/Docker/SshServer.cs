using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>A real sshd on a loopback port, which takes one key; what is run there finds the engine of <paramref name="dockerHost"/>.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Process daemon;

    private SshServer(string dockerHost)
    {
        Port = TemporaryEngine.FreePort();
        Write("sshd_config", $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey "{Key("host")}"
            AuthorizedKeysFile "{Key("client")}.pub"
            PasswordAuthentication no
            StrictModes no
            UsePAM yes
            PidFile none
            SetEnv DOCKER_HOST={dockerHost}
            """);
        Write("known_hosts", $"[127.0.0.1]:{Port} {File.ReadAllText(Key("host") + ".pub")}");
        // What a person has in ~/.ssh; a real ssh reads it from there alone.
        Write("ssh_config", $"""
            IdentityFile "{Key("client")}"
            IdentitiesOnly yes
            UserKnownHostsFile "{Path.Combine(folder.Path, "known_hosts")}"
            """);
        Directory.CreateDirectory(Programs);
        var ssh = Path.Combine(Programs, "ssh");
        File.WriteAllText(ssh, $"#!/bin/sh\nexec /usr/bin/ssh -F '{Path.Combine(folder.Path, "ssh_config")}' \"$@\"\n");
        File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // sshd keeps its privileges apart in this folder, and wants it there.
        Directory.CreateDirectory("/run/sshd");
        daemon = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-f", Path.Combine(folder.Path, "sshd_config"), "-E", Path.Combine(folder.Path, "log")]))!;
    }

    public int Port { get; }

    /// <summary>A folder for PATH with an <c>ssh</c> that knows the key.</summary>
    public string Programs => Path.Combine(folder.Path, "bin");

    public string Log => File.ReadAllText(Path.Combine(folder.Path, "log"));

    public static async Task<SshServer> StartAsync(string dockerHost)
    {
        var server = new SshServer(dockerHost);
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server.Port);
                return server;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromSeconds(20) && !server.daemon.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Cuts every connection, as a network does that goes away.</summary>
    public void Cut() => daemon.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!daemon.HasExited)
            Cut();
        daemon.WaitForExit();
        daemon.Dispose();
        folder.Dispose();
    }

    private string Key(string name)
    {
        var path = Path.Combine(folder.Path, name);
        if (!File.Exists(path))
            ToolProcess.RunAsync(new ToolCommand("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path), CancellationToken.None).GetAwaiter().GetResult().OrThrow();
        return path;
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder.Path, name), text + "\n");
}
