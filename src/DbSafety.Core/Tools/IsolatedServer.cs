using DbSafety.Errors;

namespace DbSafety.Tools;

/// <summary>
/// Runs a program of this machine in a network namespace and a mount namespace of its own (Linux): it reaches no address, no other program's Unix
/// socket and no file but the system's programs and one folder. Run as root or where user namespaces are permitted.
/// </summary>
/// <param name="folder">The one folder that it shares with this machine; <c>root</c> in it is where its file system is put together.</param>
/// <param name="programs">The folder of the program, should it be outside of the system's folders.</param>
/// <param name="hidden">Folders of other servers' sockets that are hidden too, should they be among the system's folders.</param>
internal sealed class IsolatedServer(string folder, string programs, IEnumerable<string> hidden)
{
    /// <summary>What a program needs of the system. Homes, temporary folders, /run, /var, /proc and /sys are not there.</summary>
    private static readonly string[] System = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix"];

    /// <summary>
    /// A chroot rather than pivot_root: in one, no user namespace can be created (user_namespaces(7)), so nobody in it gets the privileges to leave it.
    /// Servers before 15 keep statistics over the loopback address, which is the namespace's own.
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
            if [ -d "$1" ]; then mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; mount -o remount,bind,ro "$root$1"; fi
            shift
        done
        shift
        while [ "$1" != -- ]; do
            if [ -d "$root$1" ]; then mount -t tmpfs tmpfs "$root$1"; fi
            shift
        done
        shift
        mount --bind "$folder" "$root$folder"
        ip link set lo up 2>/dev/null || true
        exec "$@"
        """;

    private static readonly bool IsRoot = OperatingSystem.IsLinux() && UserId.Effective == 0;

    private string Root => Path.Combine(folder, "root");

    /// <summary>Folders of the Unix sockets on which programs of this network namespace listen.</summary>
    public static IEnumerable<string> SocketFolders()
    {
        // Num RefCount Protocol Flags Type St Inode Path; names of the abstract namespace begin with @ and belong to the network namespace.
        return File.ReadLines("/proc/net/unix").Skip(1).Select(l => l.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length == 8 && p[7].StartsWith('/'))
            .Select(p => Path.GetDirectoryName(p[7])!).Distinct(StringComparer.Ordinal);
    }

    /// <returns>Why nothing can be isolated here; null where it can.</returns>
    /// <param name="user">Who runs it where this process is root.</param>
    public async Task<string?> ReasonAgainstAsync(string? user, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces are Linux's alone";
        try
        {
            Directory.CreateDirectory(Root);
            var ran = await ToolProcess.RunAsync(Wrap(new ToolCommand("/bin/sh", "-c", "test ! -e /proc/self && test ! -e /run/postgresql"), user), ct);
            return ran.ExitCode == 0 ? null : $"unshare failed: {(ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {ran.ExitCode}").Trim()}";
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ToolMissing)
        {
            return "the program unshare (util-linux) is not installed";
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>The command that runs another one isolated.</summary>
    public ToolCommand Wrap(ToolCommand command, string? user)
    {
        string[] script = ["/bin/sh", "-c", Script, "sh", folder, .. System.Append(Prefix()).Where(p => p is not null)!, "--", .. Masked(), "--"];
        string[] inner = [command.Path, .. command.Arguments];
        return IsRoot
            ? command with { Path = "unshare", Arguments = ["--net", "--mount", .. script, "chroot", Root, .. user is null ? Array.Empty<string>() : ["setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--no-new-privs"], .. inner] }
            : command with { Path = "unshare", Arguments = ["--user", "--map-root-user", "--net", "--mount", .. script, "unshare", "--user", "--map-user=" + UserId.Effective, "--map-group=" + UserId.EffectiveGroup, "--root=" + Root, .. inner] };
    }

    /// <summary>Programs have their libraries and files beside their folder.</summary>
    private string? Prefix() => System.Any(s => IsBelow(programs, s)) ? null : Path.GetDirectoryName(programs.TrimEnd('/'));

    private IEnumerable<string> Masked() =>
        hidden.Concat(SocketFolders()).Distinct(StringComparer.Ordinal).Where(h => System.Append(Prefix()).Any(s => s is not null && IsBelow(h, s)) && !IsBelow(programs, h) && !IsBelow(folder, h));

    private static bool IsBelow(string path, string folder) => path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}
