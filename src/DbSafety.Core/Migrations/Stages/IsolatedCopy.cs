using System.Net;
using System.Net.Sockets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Tools;
using DbSafety.Tools.Isolation;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The copy of a rehearsal as the only database that a command can connect to: a loopback address in a separate network namespace. Production's address does not
/// answer there, regardless of how the command obtains it.
/// </summary>
internal sealed class IsolatedCopy : IDisposable
{
    /// <summary>All of 127.0.0.0/8 is loopback. With production's port at another address than 127.0.0.1, a port that the command assumes is right, and localhost does not answer.</summary>
    private static readonly string[] Addresses = ["127.0.0.2", "127.0.0.3"];

    /// <summary>Hidden by what is in them only.</summary>
    private static readonly string[] SystemFolders = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run"];

    private static readonly EnumerationOptions Entries = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private readonly IsolatedCommand isolation;
    private readonly CommandFolder folder = new();
    private readonly IsolatedChild child;
    private readonly SocketForwarder forwarder;

    private IsolatedCopy(IsolatedCommand isolation, DatabaseTarget production, DatabaseTarget copy, IReadOnlyList<string> productionFolders, string project)
    {
        this.isolation = isolation;
        var socket = Path.Combine(folder.Path, "copy.sock");
        forwarder = new SocketForwarder(new UnixDomainSocketEndPoint(socket), Server(copy));
        var needed = Needed(socket, project);
        var sockets = LocalSockets.ToHide(productionFolders, project, needed);
        FoundAllSockets = sockets.IsComplete;
        var own = PrivateFolders.For([.. needed.Except(SystemFolders, StringComparer.Ordinal), ProjectRoot.Of(project), .. Linked(project)]);
        own = [.. own, .. sockets.Mixed.Where(m => !own.Any(p => p.Hides(m.Path)))];
        var address = Addresses.First(a => a != production.Host && a != production.HostAddress);
        child = new IsolatedChild
        {
            Private = own,
            Hidden = [.. sockets.Paths.Where(h => !own.Any(p => p.Hides(h)))],
            Forward = new ForwardedPort(address, production.Port, socket),
            Owner = folder.Path,
        };
        Target = copy with { Host = address, Port = production.Port, SslMode = null, SslRootCertificate = null };
    }

    /// <summary>The copy's address for the command.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>No file system was too large to be searched for other servers' sockets. Sockets of programs that this user can inspect are hidden in any case.</summary>
    public bool FoundAllSockets { get; }

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
            throw Refusal(run, $"the copy is {place.Description}, so a command that can connect to the copy can also connect to production");
        var target = run.Request.Target;
        return new IsolatedCopy(isolation, target, place.AsRole, await RehearsalPlace.FoldersOfProductionAsync(run, ct), run.Request.Path);
    }

    public ToolCommand Isolate(ToolCommand command) => isolation.Isolate(command, child);

    public void Dispose()
    {
        forwarder.Dispose();
        folder.Dispose();
    }

    private static DbSafetyException Refusal(SafeMigrationRun run, string reason) =>
        ErrorCatalogue.CommandNotIsolated.For(run.Request.Command!.ToString(), run.Request.Target.Database, reason);

    private static EndPoint Server(DatabaseTarget copy) =>
        copy.Host.StartsWith('/') ? new UnixDomainSocketEndPoint(Path.Combine(copy.Host, $".s.PGSQL.{copy.Port}"))
        : IPAddress.TryParse(copy.Host, out var address) ? new IPEndPoint(address, copy.Port) : new DnsEndPoint(copy.Host, copy.Port);

    private static string[] Needed(string socket, string project) =>
    [
        socket, Path.GetDirectoryName(socket)!, Path.GetFullPath(project), Directory.GetCurrentDirectory(), Path.TrimEndingDirectorySeparator(Path.GetTempPath()), .. SystemFolders,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), AppContext.BaseDirectory, Path.GetDirectoryName(Environment.ProcessPath) ?? "/",
        Path.GetDirectoryName(typeof(IsolatedCopy).Assembly.Location)!,
    ];

    /// <summary>Where links of the project lead, such as one named node_modules.</summary>
    private static IEnumerable<string> Linked(string project)
    {
        for (var folder = new DirectoryInfo(Path.GetFullPath(project)); folder is not null; folder = folder.Parent)
        {
            foreach (var link in folder.EnumerateFileSystemInfos("*", Entries).Where(e => e.LinkTarget is not null))
            {
                if (EndOf(link) is { Exists: true } target)
                    yield return target.FullName;
            }
        }
    }

    private static FileSystemInfo? EndOf(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException)
        {
            return null; // It leads to itself.
        }
    }
}
