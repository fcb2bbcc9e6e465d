using System.Globalization;

namespace DbSafety.Tools;

/// <summary>
/// Unix sockets of this machine. A network namespace does not keep a process from them where they have a path, and a server behind one of them (PostgreSQL,
/// a pooler, a Docker engine) leads to whatever it can reach.
/// </summary>
internal static class LocalSockets
{
    private const int Listens = 0x10000;

    /// <summary>Folders that servers in namespaces of their own put sockets in, which <c>/proc/net/unix</c> does not list.</summary>
    private static readonly string[] Usual = ["/run", "/var/run", "/run/docker", "/run/podman", "/run/containerd", "/tmp", "/cloudsql"];

    private static readonly string[] UsualAtHome = [".docker/run", ".docker/desktop", ".colima/default", ".rd"];

    private static readonly string[] UsualAtRuntime = ["", "docker", "podman"];

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    /// <summary>PostgreSQL's folders by Debian's and Red Hat's packages.</summary>
    public static IReadOnlyList<string> PostgresFolders { get; } = ["/run/postgresql", "/var/run/postgresql"];

    /// <summary>
    /// The paths to hide: every listening socket, and as a whole each folder where a PostgreSQL listens, so that a server that restarts in the meantime does not
    /// appear again.
    /// </summary>
    /// <param name="folders">Folders of servers to hide; null entries are left out.</param>
    /// <param name="needed">What must stay visible: a folder above one of these is not hidden as a whole.</param>
    public static IReadOnlyList<string> ToHide(IEnumerable<string?> folders, IReadOnlyList<string> needed)
    {
        var whole = new List<string>();
        var single = Listening().Concat(Found()).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in folders.OfType<string>().Concat(PostgresFolders).Distinct(StringComparer.Ordinal).Where(Directory.Exists))
        {
            if (needed.Any(n => IsWithin(n, folder)))
                single.UnionWith(Directory.EnumerateFiles(folder, ".s.PGSQL.*", Readable).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)));
            else
                whole.Add(folder);
        }

        return [.. whole, .. single.Where(s => !needed.Contains(s, StringComparer.Ordinal) && !whole.Any(w => IsWithin(s, w)))];
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);

    /// <summary>Those of this network namespace.</summary>
    private static IEnumerable<string> Listening()
    {
        foreach (var line in File.ReadLines("/proc/net/unix").Skip(1))
        {
            var words = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 8 && words[7].StartsWith('/') && int.TryParse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags) && (flags & Listens) != 0 && File.Exists(words[7]))
                yield return words[7];
        }
    }

    private static IEnumerable<string> Found()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        var folders = Usual.Concat(UsualAtHome.Select(f => Path.Combine(home, f))).Concat(runtime is { Length: > 0 } ? UsualAtRuntime.Select(f => Path.Combine(runtime, f)) : []);
        foreach (var folder in folders.Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", Readable).Where(IsNamedAsSocket))
                yield return file;
        }

        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { } engine && engine.StartsWith("unix://", StringComparison.Ordinal) && File.Exists(engine[7..]))
            yield return engine[7..];
    }

    private static bool IsNamedAsSocket(string path) =>
        Path.GetFileName(path) is var name && (name.EndsWith(".sock", StringComparison.Ordinal) || (name.StartsWith(".s.PGSQL.", StringComparison.Ordinal) && !name.EndsWith(".lock", StringComparison.Ordinal)));
}
