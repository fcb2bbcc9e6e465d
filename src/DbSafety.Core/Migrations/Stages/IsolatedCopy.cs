using System.Net;
using System.Net.Sockets;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The copy of a rehearsal as the only database that a command reaches: a loopback address in a network of its own that leads to it. Production's address does not
/// answer there, by whatever way the command comes to it.
/// </summary>
internal sealed class IsolatedCopy : IDisposable
{
    /// <summary>All of 127.0.0.0/8 is loopback. With production's port at another address than 127.0.0.1, a port that the command assumes is right, and localhost does not answer.</summary>
    private static readonly string[] Addresses = ["127.0.0.2", "127.0.0.3"];

    /// <summary>The process id of the owner follows.</summary>
    private const string Prefix = "dbsafety-command-";

    private readonly IsolatedCommand isolation;
    private readonly string folder;
    private readonly string socket;
    private readonly IReadOnlyList<string> hidden;
    private readonly SocketForwarder forwarder;

    private IsolatedCopy(IsolatedCommand isolation, DatabaseTarget production, DatabaseTarget copy, IReadOnlyList<string> productionFolders, string project)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        this.isolation = isolation;
        RemoveAbandoned();
        folder = Path.Combine(ScratchFolder.Place, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        socket = Path.Combine(folder, "copy.sock");
        forwarder = new SocketForwarder(new UnixDomainSocketEndPoint(socket), Server(copy));
        hidden = LocalSockets.ToHide(productionFolders, Needed(socket, project));
        Target = copy with { Host = Addresses.First(a => a != production.Host), Port = production.Port, SslMode = null, SslRootCertificate = null };
    }

    /// <summary>The copy as the command reaches it.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>Whether the command has connected to it at all.</summary>
    public bool WasReached => forwarder.Connections > 0;

    /// <summary>Finds out before anything else runs whether the command of this run can be isolated.</summary>
    /// <exception cref="DbSafetyException"><c>DBS456</c>.</exception>
    public static async Task PrepareAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run.Request is not { Command.IsRehearsed: true, SkipRehearsal: false, AllowUnisolatedCommand: false } || (run.Pending.Count == 0 && !run.IsPendingUnknown))
            return;
        var (found, reason) = await IsolatedCommand.FindAsync(ct);
        run.Isolation = found ?? throw Refusal(run, reason);
    }

    /// <returns>Null: the command may run without.</returns>
    /// <exception cref="DbSafetyException"><c>DBS456</c> the copy is on production's own server.</exception>
    public static async Task<IsolatedCopy?> OpenAsync(SafeMigrationRun run, RehearsalPlace place, CancellationToken ct)
    {
        if (run.Isolation is not { } isolation)
            return null;
        if (place.IsBesideProduction)
            throw Refusal(run, $"the copy is {place.Description}, so that a command which reaches the one reaches the other");
        var target = run.Request.Target;
        return new IsolatedCopy(isolation, target, place.AsRole, await RehearsalPlace.FoldersOfProductionAsync(run, ct), run.Request.Path);
    }

    public ToolCommand Isolate(ToolCommand command) => isolation.Isolate(command, hidden, new ForwardedPort(Target.Host, Target.Port, socket));

    public void Dispose()
    {
        forwarder.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static DbSafetyException Refusal(SafeMigrationRun run, string reason) =>
        ErrorCatalogue.CommandNotIsolated.For(run.Request.Command!.ToString(), run.Request.Target.Database, reason);

    /// <summary>The folders of runs that were killed.</summary>
    private static void RemoveAbandoned()
    {
        foreach (var path in Directory.EnumerateDirectories(ScratchFolder.Place, Prefix + "*"))
        {
            if (Directory.Exists($"/proc/{Path.GetFileName(path)[Prefix.Length..].Split('-')[0]}"))
                continue;
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // Another user's.
            }
        }
    }

    private static EndPoint Server(DatabaseTarget copy) =>
        copy.Host.StartsWith('/') ? new UnixDomainSocketEndPoint(Path.Combine(copy.Host, $".s.PGSQL.{copy.Port}"))
        : IPAddress.TryParse(copy.Host, out var address) ? new IPEndPoint(address, copy.Port) : new DnsEndPoint(copy.Host, copy.Port);

    private static string[] Needed(string socket, string project) =>
    [
        socket, Path.GetFullPath(project), Directory.GetCurrentDirectory(), Path.TrimEndingDirectorySeparator(Path.GetTempPath()), "/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run",
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), AppContext.BaseDirectory, Path.GetDirectoryName(Environment.ProcessPath) ?? "/",
    ];
}
