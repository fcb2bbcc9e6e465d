using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Scratch;

/// <summary>
/// A temporary PostgreSQL server from the server binaries of this machine: with its own data folder, a Unix socket that only its
/// owner can reach (on Windows a loopback port with a random password), and without durability. It is removed when disposed; a server whose
/// owner was killed is stopped and removed by the next start.
/// </summary>
public sealed class ScratchServer : IScratchPostgres
{
    private readonly ScratchFolder folder;
    private readonly string pgCtl;

    private ScratchServer(ScratchFolder folder, string pgCtl, int major, DatabaseTarget target)
    {
        this.folder = folder;
        this.pgCtl = pgCtl;
        Major = major;
        Target = target;
    }

    /// <summary>The superuser's connection to the database <c>postgres</c>.</summary>
    public DatabaseTarget Target { get; }

    public int Major { get; }

    public string Description => $"a temporary PostgreSQL {Major} server on this machine";

    /// <inheritdoc/>
    public string? NotIsolatedBecause { get; private set; } = "isolation was not requested";

    /// <summary>The data directory of the server.</summary>
    public string DataFolder => folder.Data;

    /// <summary>The reason why the server or a session ended, from its log.</summary>
    internal Task<string?> LastFatalAsync() => folder.LastFatalAsync();

    /// <summary>
    /// Starts a server of exactly that major version, or of the newest version found if <paramref name="major"/> is null.
    /// </summary>
    /// <param name="settings">Further server settings (<c>name=value</c>).</param>
    /// <exception cref="DbSafetyException"><c>DBS110</c> no server binaries; <c>DBS116</c> no binaries of that version, or it did not start.</exception>
    public static async Task<ScratchServer> StartAsync(int? major, IOperationEvents events, CancellationToken ct, params string[] settings)
    {
        return await StartFromAsync(await FindAsync(major, ct), events, ct, settings);
    }

    /// <summary>
    /// Starts an isolated server, without access to a network or to sockets of other servers, if this machine permits it; see <see cref="NotIsolatedBecause"/>.
    /// </summary>
    internal static async Task<ScratchServer> StartIsolatedAsync(int? major, ScratchIsolation isolation, IOperationEvents events, CancellationToken ct, params string[] settings) =>
        await StartFromAsync(await FindAsync(major, ct), isolation, settings, events, ct);

    /// <summary>Starts a server from the specified binaries.</summary>
    internal static Task<ScratchServer> StartFromAsync(PgTool initdb, IOperationEvents events, CancellationToken ct, params string[] settings) =>
        StartFromAsync(initdb, null, settings, events, ct);

    private static async Task<ScratchServer> StartFromAsync(PgTool initdb, ScratchIsolation? isolation, string[] settings, IOperationEvents events, CancellationToken ct)
    {
        await ScratchFolder.RemoveAbandonedAsync(events, ct);
        var folder = await ScratchFolder.CreateAsync(Path.GetDirectoryName(initdb.Path)!, ct);
        var server = new ScratchServer(folder, folder.Program("pg_ctl"), initdb.Major, Address(folder, isolation?.Superuser ?? ScratchIsolation.DefaultSuperuser));
        try
        {
            await server.InitializeAsync(ct);
            if (isolation is not null)
                server.NotIsolatedBecause = await folder.IsolateAsync(isolation.Hidden, ct);
            await server.StartServerAsync(settings, ct);
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            if (e is DbSafetyException failure && failure.Definition != ErrorCatalogue.ScratchUnavailable)
                throw ErrorCatalogue.ScratchUnavailable.Because(e, "this command", initdb.Major, failure.Message);
            throw;
        }
    }

    /// <summary>Whether server binaries of that major version (null: of any) are on this machine.</summary>
    public static async Task<bool> IsAvailableAsync(int? major, CancellationToken ct) =>
        (await PgTools.AllAsync("initdb", ct)).Any(t => major is null || t.Major == major);

    /// <summary>Stops the server as a power failure would, for tests.</summary>
    public Task StopImmediatelyAsync(CancellationToken ct) =>
        folder.RunAsync(pgCtl, ct, "stop", "-D", folder.Data, "-m", "immediate", "-w");

    /// <summary>Restarts it on the same data.</summary>
    internal Task StartAgainAsync(CancellationToken ct) => folder.StartServerAsync(ct);

    public async ValueTask DisposeAsync() => await folder.RemoveAsync(pgCtl);

    private static async Task<PgTool> FindAsync(int? major, CancellationToken ct)
    {
        var found = await PgTools.AllAsync("initdb", ct);
        if (found.Count == 0)
            throw ErrorCatalogue.ToolMissing.For("initdb", "Debian: apt-get install postgresql");
        return found.Where(t => major is null || t.Major == major).MaxBy(t => t.Major)
            ?? throw ErrorCatalogue.ScratchUnavailable.For("this command", major, $"this machine has only {string.Join(", ", found.Select(t => t.Major).Distinct())}");
    }

    private static DatabaseTarget Address(ScratchFolder folder, string superuser) => OperatingSystem.IsWindows()
        ? new DatabaseTarget
        {
            Host = "127.0.0.1",
            Port = FreePort(),
            Username = superuser,
            Password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            Database = "postgres",
        }
        : new DatabaseTarget { Host = folder.Path, Username = superuser, Database = "postgres" };

    private async Task InitializeAsync(CancellationToken ct)
    {
        List<string> arguments = ["-D", folder.Data, "-U", Target.Username, "-E", "UTF8", "--locale=C", "--no-sync"];
        if (Target.Password is { } password)
        {
            var file = System.IO.Path.Combine(folder.Path, "password");
            await File.WriteAllTextAsync(file, password, ct);
            arguments.AddRange(["--auth=scram-sha-256", "--pwfile=" + file]);
        }
        else
        {
            // The socket is in a folder that only its owner can enter.
            arguments.Add("--auth=trust");
        }

        await folder.RunAsync(folder.Program("initdb"), ct, [.. arguments]);
    }

    private async Task StartServerAsync(string[] settings, CancellationToken ct)
    {
        var address = OperatingSystem.IsWindows()
            ? new[] { "listen_addresses=127.0.0.1", $"port={Target.Port.ToString(CultureInfo.InvariantCulture)}" }
            // The server takes its port from PGPORT if the configuration has none.
            : ["listen_addresses=", $"port={Target.Port.ToString(CultureInfo.InvariantCulture)}", $"unix_socket_directories={folder.Path}", "unix_socket_permissions=0700"];
        string[] quick = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=4GB", "shared_buffers=128MB", "log_min_messages=warning"];
        var configuration = address.Concat(quick).Concat(settings).Select(s => s.Split('=', 2)).Select(s => $"{s[0]} = '{s[1].Replace("'", "''", StringComparison.Ordinal)}'");
        await File.AppendAllLinesAsync(System.IO.Path.Combine(folder.Data, "postgresql.conf"), configuration, ct);
        try
        {
            await folder.StartServerAsync(ct);
        }
        catch (DbSafetyException e)
        {
            var fatal = await folder.LastFatalAsync();
            throw ErrorCatalogue.ScratchUnavailable.Because(e, "this command", Major, fatal ?? e.Message);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
