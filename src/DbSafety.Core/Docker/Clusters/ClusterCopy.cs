using System.Text.RegularExpressions;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Clusters;

/// <summary>
/// A copy of an orphaned volume's cluster on a temporary volume, prepared to be started: the original is only read, because a cluster whose server was
/// killed must be written to before it can be read. Disposing removes the copy.
/// </summary>
internal sealed partial class ClusterCopy : IAsyncDisposable
{
    public const string Place = "/dbsafety-copy";
    public const string HbaFile = Place + "/dbsafety_hba.conf";
    private const int NotEnoughSpace = 28;
    private const int HasTablespaces = 29;

    /// <summary>Removes files of the previous server that are not data; the copy trusts local connections, which only DbSafety can open.</summary>
    private const string Script =
        """
        for link in "$1"/pg_tblspc/*; do [ ! -L "$link" ] || { echo "it has a tablespace in $(readlink "$link")" >&2; exit 29; }; done
        need=$(du -sk "$1"); need=${need%%[!0-9]*}; free=$(df -Pk "$2" | { read -r _; read -r _ _ _ f _; echo "$f"; })
        [ "$need" -lt "$free" ] || { echo "it needs $need kB and $free kB are free" >&2; exit 28; }
        cp -a "$1/." "$2/" || exit 1
        cd "$2" && rm -f postmaster.pid postmaster.opts standby.signal recovery.signal recovery.conf
        [ -f postgresql.conf ] || : > postgresql.conf
        [ -f pg_ident.conf ] || : > pg_ident.conf
        printf 'local all all trust\nhost all all 127.0.0.1/32 trust\n' > dbsafety_hba.conf
        own=$(ls -n PG_VERSION | { read -r _ _ u g _; echo "$u:$g"; }); chown "$own" "$2" postgresql.conf pg_ident.conf dbsafety_hba.conf; chmod 700 "$2"; echo "$own"
        """;

    private readonly IDockerEngine engine;
    private readonly string image;

    private ClusterCopy(IDockerEngine engine, string image) => (this.engine, this.image) = (engine, image);

    public string Volume { get; } = "dbsafety-scratch-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>The role that initdb created.</summary>
    public string Superuser { get; private set; } = "postgres";

    /// <summary>
    /// Settings that the copy is started with: it does not connect to other servers, and does not need files that the previous server stored elsewhere.
    /// </summary>
    public static IReadOnlyList<string> Settings { get; } =
    [
        "data_directory=" + Place, "hba_file=" + HbaFile, "ident_file=" + Place + "/pg_ident.conf", "listen_addresses=127.0.0.1", "port=5432", "ssl=off", "archive_mode=off",
        "logging_collector=off", "log_destination=stderr", "unix_socket_directories=/var/run/postgresql", "external_pid_file=",
    ];

    /// <exception cref="DbSafetyException"><c>DBS517</c>.</exception>
    public static async Task<ClusterCopy> MakeAsync(IDockerEngine engine, string image, string volume, VolumeCluster cluster, IOperationEvents events, CancellationToken ct)
    {
        var copy = new ClusterCopy(engine, image);
        try
        {
            events.Progress($"Reading {volume}", "copying the cluster, so that the volume is not changed");
            await engine.CreateVolumeAsync(copy.Volume, ScratchLabels.Own(), CancellationToken.None);
            var from = "/dbsafety-from" + (cluster.Path.Length > 0 ? "/" + cluster.Path : "");
            var (code, output) = await copy.RunAsync("0", ["sh", "-c", Script, "sh", from, Place], [new MountRequest("volume", volume, "/dbsafety-from", ReadOnly: true)], ct);
            if (code != 0)
                throw Failed(volume, output, code switch
                {
                    NotEnoughSpace => "Free some space on the engine's disk.",
                    HasTablespaces => $"Start a container on the volume with that folder mounted too, and back up through it ({Advice.Of($"--container")}).",
                    _ => "Check the permissions of the volume's files.",
                });
            events.Progress($"Reading {volume}", "reading the name of the cluster's superuser");
            await copy.FindSuperuserAsync(volume, output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1], ct);
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await engine.RemoveVolumeAsync(Volume, CancellationToken.None);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineUnreachable || e.Definition == ErrorCatalogue.EngineFailed)
        {
            // The engine is unreachable or still uses it; the next temporary container's run removes it.
        }
    }

    /// <summary>A server in single-user mode needs no role to log in; it also recovers the cluster.</summary>
    private async Task FindSuperuserAsync(string volume, string owner, CancellationToken ct)
    {
        const string Query = "SELECT rolname FROM pg_catalog.pg_authid WHERE oid = 10";
        string[] settings = [.. Settings.Where(s => !s.StartsWith("data_directory", StringComparison.Ordinal)).SelectMany(s => (string[])["-c", s])];
        var (code, output) = await RunAsync(owner, ["sh", "-c", "printf '%s\\n' \"$0\" | exec postgres --single -D \"$@\" template1", Query, Place, .. settings], [], ct);
        if (code != 0 || RoleName().Match(output) is not { Success: true } role)
            throw Failed(volume, LastError(output), $"If it was created by an image with extensions, specify that image ({Advice.Of($"--image")}).");
        Superuser = role.Groups[1].Value;
    }

    private async Task<(int Code, string Output)> RunAsync(string user, IReadOnlyList<string> command, IReadOnlyList<MountRequest> mounts, CancellationToken ct)
    {
        var container = await engine.CreateContainerAsync(
            new ContainerRequest(image) { Entrypoint = command, Command = [], User = user, Network = "none", Labels = ScratchLabels.Own(), Mounts = [.. mounts, new MountRequest("volume", Volume, Place, ReadOnly: false)] },
            CancellationToken.None);
        try
        {
            await engine.StartContainerAsync(container, ct);
            var code = await engine.WaitContainerAsync(container, ct);
            return (code, await engine.LogsAsync(container, 200, ct));
        }
        finally
        {
            await engine.RemoveContainerAsync(container, CancellationToken.None);
        }
    }

    private static DbSafetyException Failed(string volume, string output, string hint) => ErrorCatalogue.VolumeNotReadable.For(volume, output.Trim().ReplaceLineEndings("; "), hint);

    private static string LastError(string output) =>
        output.Split('\n').LastOrDefault(l => l.Contains("FATAL", StringComparison.Ordinal) || l.Contains("PANIC", StringComparison.Ordinal) || l.Contains("ERROR", StringComparison.Ordinal)) ?? output;

    /// <summary>As a server in single-user mode prints a column's value.</summary>
    [GeneratedRegex("""rolname = "(.*)"\s""")]
    private static partial Regex RoleName();
}
