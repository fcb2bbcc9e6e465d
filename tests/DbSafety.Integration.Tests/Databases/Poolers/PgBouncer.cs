using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DbSafety.Databases.Connections;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Databases.Poolers;

/// <summary>A real PgBouncer in front of a test server, as the server's user: it does not run as root.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private static readonly string? Program = new[] { "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer" }.FirstOrDefault(File.Exists);

    private readonly TempFolder folder = new();
    private readonly Process process;

    private PgBouncer(ScratchServer server, string mode, int poolSize, string[] settings)
    {
        var configuration = Path.Combine(folder.Path, "pgbouncer.ini");
        var users = Path.Combine(folder.Path, "users.txt");
        File.WriteAllText(users, $"\"{server.Target.Username}\" \"\"\n");
        File.WriteAllLines(configuration,
        [
            "[databases]", $"* = host='{server.Target.Host}' port={server.Target.Port.ToString(CultureInfo.InvariantCulture)} user={server.Target.Username}",
            "[pgbouncer]", "listen_addr =", "listen_port = 5432", $"unix_socket_dir = {folder.Path}", "unix_socket_mode = 0777", "auth_type = trust", $"auth_file = {users}",
            $"pool_mode = {mode}", $"default_pool_size = {poolSize.ToString(CultureInfo.InvariantCulture)}", "max_client_conn = 200", .. settings,
        ]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1FF);
        string[] user = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];
        string[] command = [.. user, Program!, "-q", configuration];
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Target = server.Target with { Host = folder.Path, Port = 5432 };
    }

    /// <summary>Why it cannot be started; null: it can.</summary>
    public static string? Missing => Program is null ? "PgBouncer is not installed (Debian: apt-get install pgbouncer)" : null;

    /// <summary>The way through the pooler.</summary>
    public DatabaseTarget Target { get; }

    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="poolSize">Server sessions a database and user.</param>
    public static async Task<PgBouncer> StartAsync(PgServer pg, string mode, int poolSize, params string[] settings)
    {
        var pooler = new PgBouncer(pg.Server, mode, poolSize, settings);
        await Wait.UntilAsync(async () =>
        {
            try
            {
                using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(pooler.folder.Path, ".s.PGSQL.5432")));
                return true;
            }
            catch (SocketException) when (!pooler.process.HasExited)
            {
                return false;
            }
        }, "pgbouncer listens");
        return pooler;
    }

    /// <summary>A client as an app is one.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(Target.On(database).ConnectionString(null));
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Dispose();
    }
}

/// <summary>A test that needs PgBouncer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PgBouncerFactAttribute : FactAttribute
{
    public PgBouncerFactAttribute() => Skip = PgBouncer.Missing;
}

/// <summary>A test that needs PgBouncer, with several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PgBouncerTheoryAttribute : TheoryAttribute
{
    public PgBouncerTheoryAttribute() => Skip = PgBouncer.Missing;
}
