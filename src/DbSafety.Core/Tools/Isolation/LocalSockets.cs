namespace DbSafety.Tools.Isolation;

/// <summary>
/// Unix sockets of this machine. A network namespace does not block sockets that have a path, and a server at such a socket (PostgreSQL,
/// a pooler, a Docker engine) gives access to everything that it can reach.
/// </summary>
internal static class LocalSockets
{
    /// <summary>More than needed on a typical machine.</summary>
    public static readonly TimeSpan SearchLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>Each is mounted again.</summary>
    private const int MostKept = 200;

    /// <summary>Folders in which servers and their containers create sockets.</summary>
    private static readonly string[] Usual = ["/run", "/tmp", "/cloudsql", "/srv", "/opt", "/home", "/var/tmp", "/var/lib", "/data", "/mnt", "/dev/shm"];

    private static readonly string[] Tops = [".git", "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private static readonly string[] NotSearched = ["/proc", "/sys", "/dev", "/usr", "/boot", "/snap", "/var/lib/docker", "/var/lib/containers"];

    /// <summary>PostgreSQL's folders by Debian's and Red Hat's packages.</summary>
    public static IReadOnlyList<string> PostgresFolders { get; } = ["/run/postgresql", "/var/run/postgresql"];

    /// <summary>
    /// The paths to hide: every listening socket, and each entire folder in which a PostgreSQL server listens, so that a server that is restarted does not
    /// appear again.
    /// </summary>
    /// <param name="folders">Server folders to hide; null entries are skipped.</param>
    /// <param name="project">Searched for sockets up to the folder of its repository.</param>
    /// <param name="needed">Paths that must stay visible: a folder above one of these is not hidden entirely.</param>
    public static HiddenSockets ToHide(IEnumerable<string?> folders, string project, IReadOnlyList<string> needed)
    {
        var whole = new List<string>();
        var searched = folders.OfType<string>().ToList();
        var (files, isComplete) = SocketFiles.Below(searched.Concat(Searched(project)), SearchLimit);
        var single = ListeningSockets.Paths().Where(File.Exists).Concat(files).ToHashSet(StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { } engine && engine.StartsWith("unix://", StringComparison.Ordinal) && File.Exists(engine[7..]))
            single.Add(engine[7..]);
        var ofServers = single.Where(s => Path.GetFileName(s).StartsWith(".s.PGSQL.", StringComparison.Ordinal)).Select(s => Path.GetDirectoryName(s)!).Distinct(StringComparer.Ordinal).ToLookup(HasOnlySockets);
        // A socket that is hidden individually appears again when the server restarts.
        var mixed = ofServers[false].Where(f => !needed.Any(n => IsWithin(n, f)) && !searched.Contains(f, StringComparer.Ordinal)).Select(f => new PrivateFolder(f, Others(f))).Where(f => f.Kept.Count <= MostKept).ToList();
        foreach (var folder in searched.Concat(ofServers[true]).Concat(PostgresFolders).Distinct(StringComparer.Ordinal).Where(Directory.Exists))
        {
            if (needed.Any(n => IsWithin(n, folder)))
                single.UnionWith(Directory.EnumerateFiles(folder, ".s.PGSQL.*", Readable).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)));
            else
                whole.Add(folder);
        }

        return new HiddenSockets([.. whole, .. single.Where(s => !needed.Contains(s, StringComparer.Ordinal) && !whole.Any(w => IsWithin(s, w)))], mixed, isComplete);
    }

    /// <summary>Folders of containers are mount points in them.</summary>
    private static IEnumerable<string> Searched(string project) =>
        new[] { Top(project), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), Path.GetTempPath().TrimEnd('/') }
            .Concat(Usual).Concat(MountPoint.Of("self").Select(m => m.Path).Where(IsSearched)).Where(f => f.Length > 1);

    private static bool IsSearched(string mount) =>
        !NotSearched.Any(f => MountPoint.IsWithin(mount, f));

    /// <summary>The folder of the repository or of the composition that the project is in, else the project's.</summary>
    private static string Top(string project)
    {
        for (var folder = new DirectoryInfo(project); folder is not null; folder = folder.Parent)
        {
            if (Tops.Any(t => Path.Exists(Path.Combine(folder.FullName, t))))
                return folder.FullName;
        }

        return Path.GetFullPath(project);
    }

    /// <summary>A folder that can be hidden entirely, because it contains only sockets and the files that servers create next to them.</summary>
    private static bool HasOnlySockets(string folder) =>
        LinuxCalls.ReadFolder(folder).All(e => e.Type == FolderEntry.Socket || e.Name.EndsWith(".lock", StringComparison.Ordinal) || e.Name.EndsWith(".pid", StringComparison.Ordinal));

    private static IReadOnlyList<string> Others(string folder) =>
        [.. LinuxCalls.ReadFolder(folder).Where(e => e.Type != FolderEntry.Socket && !e.Name.StartsWith(".s.PGSQL.", StringComparison.Ordinal)).Select(e => Path.Combine(folder, e.Name))];

    private static bool IsWithin(string path, string folder) => MountPoint.IsWithin(path, folder);
}

/// <param name="Paths">Sockets, and folders of nothing but sockets.</param>
/// <param name="Mixed">Folders that contain a socket and other files, which stay visible.</param>
/// <param name="IsComplete">The search finished within its time limit.</param>
internal sealed record HiddenSockets(IReadOnlyList<string> Paths, IReadOnlyList<PrivateFolder> Mixed, bool IsComplete);
