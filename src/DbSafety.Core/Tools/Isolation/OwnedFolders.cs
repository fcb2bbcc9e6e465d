using System.Text;

namespace DbSafety.Tools.Isolation;

/// <summary>
/// Temporary folders that name their owner and are locked while it runs, so that the next run can tell an abandoned one from one in use.
/// </summary>
internal static class OwnedFolders
{
    /// <summary>Locked for as long as the owner runs: a process in another pid namespace does not see it.</summary>
    public const string Lock = "alive";

    /// <summary>Of a Unix socket's path, without the zero at its end (unix(7)).</summary>
    private const int LongestSocketPath = 107;

    /// <summary>Of the longest prefix of such a folder's name.</summary>
    private const int LongestName = 17;

    /// <summary>Where they are made: the temporary folder, or /tmp where a socket's path does not fit below that.</summary>
    public static string Place => Places.First(Fits);

    public static string[] Places =>
        OperatingSystem.IsWindows() ? [System.IO.Path.GetTempPath()] : [.. new[] { System.IO.Path.GetTempPath(), "/tmp/" }.Distinct()];

    /// <summary>
    /// Folders of such a name that this user has made: anybody can make one in /tmp, and what stands in it would be run, stopped or removed with this user's rights.
    /// </summary>
    public static IEnumerable<string> LeftIn(string prefix) => Places.SelectMany(p => Directory.EnumerateDirectories(p, prefix + "*")).Where(IsOwn);

    /// <summary>Where nobody can tell, only the user's own temporary folder is one.</summary>
    private static bool IsOwn(string path)
    {
        if (!OperatingSystem.IsLinux())
            return !path.StartsWith("/tmp/", StringComparison.Ordinal);
        var own = LinuxCalls.OwnerOfFolder(path);
        return own is not null && (own == UserId.Effective || (IsRoot() && own == UserId.Of(UnprivilegedUser())))
            && (!Directory.Exists(System.IO.Path.Combine(path, "data")) || LinuxCalls.OwnerOfFolder(System.IO.Path.Combine(path, "data")) == own);
    }

    /// <summary>Whether the process that made such a folder still runs.</summary>
    public static bool IsLocked(string path)
    {
        try
        {
            new FileStream(System.IO.Path.Combine(path, Lock), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool Fits(string place) =>
        OperatingSystem.IsWindows() || place == Places[^1] || Encoding.UTF8.GetByteCount(place) + LongestName + "01234567/.s.PGSQL.65535.lock".Length <= LongestSocketPath;

    public static bool IsRoot() => !OperatingSystem.IsWindows() && UserId.Effective == 0;

    public static string UnprivilegedUser() =>
        File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
}
