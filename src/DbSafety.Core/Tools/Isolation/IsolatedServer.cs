using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DbSafety.Errors;

namespace DbSafety.Tools.Isolation;

/// <summary>
/// Runs a program of this machine in separate namespaces (Linux): it can reach no network address, no Unix socket of another program, no process that it has not started
/// itself and no file but the system's programs and one folder. Run as root or where user namespaces are permitted.
/// </summary>
internal sealed class IsolatedServer
{
    private const string Unshare = "unshare";

    private const string Shell = "/bin/sh";

    /// <summary>The system folders that a program needs. Home folders, temporary folders, /opt, /run, /srv, /var, /proc and /sys are not there.</summary>
    private static readonly string[] System = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc"];

    /// <summary>The time limit of a search of all system files.</summary>
    private static readonly TimeSpan SearchLimit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A chroot rather than pivot_root: in one, no user namespace can be created (user_namespaces(7)), so no process in it can get the privileges to leave it.
    /// Servers before 15 keep statistics over the loopback address, which is the namespace's own. The shell stays as the first process of the namespace: when it
    /// ends, all others do.
    /// </summary>
    private const string Script =
        """
        set -e
        umask 022
        PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"
        folder="$1"; root="$1/root"; shift
        mount -t tmpfs -o mode=755 tmpfs "$root"
        mkdir "$root/dev"
        mkdir -m 1777 "$root/tmp" "$root/dev/shm"
        mkdir -p "$root$folder"
        for device in null zero random urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
        while [ "$1" != -- ]; do
            real="$(readlink -f "$1" || true)"
            if [ -L "$1" ] && [ "${real#/usr/}" != "$real" ]; then ln -s "${real#/}" "$root$1"
            elif [ -d "$1" ]; then mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; mount -o remount,bind,ro "$root$1"; fi
            shift
        done
        shift
        while [ "$1" != -- ]; do
            if [ -d "$root$1" ]; then mount -t tmpfs tmpfs "$root$1"
            elif [ -S "$root$1" ]; then mount --bind /dev/null "$root$1"
            elif [ -e "$root$1" ]; then mount -o remount,bind,ro "$root$1" 2>/dev/null || true; fi
            shift
        done
        shift
        mount --bind "$folder" "$root$folder"
        ip link set lo up 2>/dev/null || true
        code=0
        "$@" || code=$?
        exit $code
        """;

    private static readonly bool IsRoot = OperatingSystem.IsLinux() && UserId.Effective == 0;

    private readonly string folder;
    private readonly string programs;
    private readonly List<string> exposed;
    private readonly Lazy<List<string>> masked;

    /// <param name="folder">The only folder that it shares with this machine; its file system is built in <c>root</c> in that folder.</param>
    /// <param name="programs">The folder of the program, if it is outside the system folders.</param>
    /// <param name="hidden">Socket folders of other servers, which are hidden if they are in system folders.</param>
    public IsolatedServer(string folder, string programs, IEnumerable<string> hidden)
    {
        this.folder = folder;
        this.programs = programs;
        exposed = [.. Exposed(programs)];
        masked = new Lazy<List<string>>(() => Masked(folder, programs, exposed, hidden));
    }

    private string Root => Path.Combine(folder, "root");

    /// <summary>Ends the processes that were isolated with that folder, and waits for them. Their ids in files of the folder are those of their namespace, so they are not used.</summary>
    public static async Task EndAsync(string folder)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < EndLimit; await Task.Delay(EndInterval))
        {
            var running = Running(folder).ToList();
            if (running.Count == 0)
                return;
            foreach (var id in running)
                Kill(id);
        }
    }

    /// <returns>The reason why isolation is unavailable; null if it is available.</returns>
    /// <param name="user">The user that runs it if this process is root.</param>
    public async Task<string?> ReasonAgainstAsync(string? user, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces exist only on Linux";
        try
        {
            Directory.CreateDirectory(Root);
            var (ran, message) = await TryAsync("/bin/sh", "-c", "test ! -e /proc/self && test ! -e /run/postgresql");
            if (!ran)
                return "unshare failed: " + message;
            (ran, message) = await TryAsync(Path.Combine(programs, "postgres"), "--version");
            return ran ? null : $"{programs}/postgres requires files that are missing in the namespace: {message}";
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ToolMissing)
        {
            return "the program unshare (util-linux) is not installed";
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e.Message;
        }

        async Task<(bool Ran, string Message)> TryAsync(params string[] command)
        {
            var ran = await ToolProcess.RunAsync(Wrap(new ToolCommand(command[0], command[1..]), user), ct);
            return (ran.ExitCode == 0, (ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {ran.ExitCode}").Trim());
        }
    }

    /// <summary>The command that runs another command in isolation.</summary>
    public ToolCommand Wrap(ToolCommand command, string? user)
    {
        LinuxCalls.KeepOpenFiles();
        string[] script = [Shell, "-c", Script, "sh", folder, .. exposed, "--", .. masked.Value, "--"];
        string[] inner = [command.Path, .. command.Arguments];
        // Ctrl+C in the terminal must not stop the server.
        return IsRoot
            ? command with { Path = "setsid", Arguments = [Unshare, "--net", "--ipc", "--mount", "--pid", "--fork", "--kill-child", .. script, "chroot", Root, .. user is null ? Array.Empty<string>() : ["setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--no-new-privs"], .. inner] }
            : command with { Path = "setsid", Arguments = [Unshare, "--user", "--map-root-user", "--net", "--ipc", "--mount", "--pid", "--fork", "--kill-child", .. script, "unshare", "--user", "--map-user=" + UserId.Effective, "--map-group=" + UserId.EffectiveGroup, "--root=" + Root, .. inner] };
    }

    /// <summary>
    /// Programs have their libraries and files beside their folder; on NixOS and below /opt, beside that of their package; and where a whole system was unpacked
    /// into a folder, below its <c>usr</c>.
    /// </summary>
    private static IEnumerable<string> Exposed(string programs)
    {
        var real = Path.GetDirectoryName(File.ResolveLinkTarget(Path.Combine(programs, "postgres"), returnFinalTarget: true)?.FullName);
        return System.Concat(new[] { programs.TrimEnd('/'), real }.OfType<string>().Where(p => !System.Any(s => IsBelow(p, s)))
            .Select(p => IsBelow(p, "/nix") ? "/nix" : IsBelow(p, "/opt") ? "/opt/" + p.Split('/')[2] : p.IndexOf("/usr/lib/", StringComparison.Ordinal) is > 0 and var usr ? p[..(usr + "/usr".Length)] : Path.GetDirectoryName(p)!))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>Of what is exposed: other servers' folders, every socket, and what else is mounted there.</summary>
    private static List<string> Masked(string folder, string programs, List<string> exposed, IEnumerable<string> hidden)
    {
        var sockets = ListeningSockets.Paths().Concat(SocketFiles.Below(exposed, SearchLimit).Found).ToList();
        return [.. hidden.Concat(sockets.Select(s => Path.GetDirectoryName(s)!).Where(f => !exposed.Contains(f, StringComparer.Ordinal))).Concat(sockets).Concat(MountPoint.Of("self").Select(m => m.Path))
            .Distinct(StringComparer.Ordinal).Where(h => exposed.Any(s => h != s && IsBelow(h, s)) && !IsBelow(programs, h) && !IsBelow(folder, h))];
    }

    private static IEnumerable<int> Running(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            string[] words;
            try
            {
                words = File.ReadAllText(process + "/cmdline").Split('\0');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // It has exited.
            }

            if (words[0] is Unshare or Shell && words.Contains(folder, StringComparer.Ordinal))
                yield return int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture);
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has exited.
        }
    }

    private static bool IsBelow(string path, string folder) => MountPoint.IsWithin(path, folder);
}
