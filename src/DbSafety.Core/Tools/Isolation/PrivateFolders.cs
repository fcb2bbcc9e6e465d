namespace DbSafety.Tools.Isolation;

/// <summary>
/// Folders of which an isolated command has a private version, so that it cannot reach a server that starts there while it runs: /tmp and /run, where it sees of the
/// others' files only what it needs.
/// </summary>
internal static class PrivateFolders
{
    private static readonly string[] Folders = ["/tmp", "/run"];

    /// <summary>Programs, secrets and the names of servers, in folders of /run.</summary>
    private static readonly string[] AlwaysKept = ["/run/secrets", "/run/current-system", "/run/booted-system", "/run/wrappers", "/run/opengl-driver", "/run/systemd/resolve", "/run/NetworkManager"];

    /// <summary>Of sockets only.</summary>
    private static readonly string[] NotKept = ["XDG_RUNTIME_DIR", "PGHOST", "DOCKER_HOST", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"];

    /// <param name="needed">Files and folders that the command needs.</param>
    public static IReadOnlyList<PrivateFolder> For(IReadOnlyList<string> needed)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(v => !NotKept.Contains((string)v.Key, StringComparer.Ordinal)).SelectMany(v => ((string?)v.Value ?? "").Split(':')).Select(p => p.TrimEnd('/'));
        var wanted = needed.Select(Path.TrimEndingDirectorySeparator).ToList();
        // A folder that is itself needed, such as /tmp as a project folder, cannot be hidden.
        return [.. Folders.Where(f => Directory.Exists(f) && new DirectoryInfo(f).LinkTarget is null && !wanted.Contains(f, StringComparer.Ordinal))
            .Select(f => new PrivateFolder(f, [.. wanted.Concat(variables).Where(p => p != f && MountPoint.IsWithin(p, f)).Select(p => Entry(f, p)).Concat(AlwaysKept.Where(k => MountPoint.IsWithin(k, f))).Where(Directory.Exists).Distinct(StringComparer.Ordinal)]))];
    }

    /// <summary>The folder's own entry that holds the path: what a project names by relative paths lies beside it. Of /run, what is named and nothing else.</summary>
    private static string Entry(string folder, string path) => folder == "/run" ? path : folder + "/" + path[(folder.Length + 1)..].Split('/')[0];
}

/// <param name="Path">Empty for the command, but for what is kept.</param>
internal sealed record PrivateFolder(string Path, IReadOnlyList<string> Kept)
{
    public bool Hides(string path) => MountPoint.IsWithin(path, Path) && !Kept.Any(k => MountPoint.IsWithin(path, k) || MountPoint.IsWithin(k, path));
}
