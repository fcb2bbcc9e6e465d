using System.Text;

namespace DbSafety.Tools.Isolation;

/// <summary>
/// Temporary folders that name their owner and are locked while it runs, so that the next run can distinguish abandoned folders from those in use.
/// </summary>
internal static class OwnedFolders
{
    /// <summary>Locked for as long as the owner runs: a process in another pid namespace does not see it.</summary>
    public const string Lock = "alive";

    /// <summary>Of a Unix socket's path, without the zero at its end (unix(7)).</summary>
    private const int LongestSocketPath = 107;

    /// <summary>Of the longest prefix of such a folder's name.</summary>
    private const int LongestName = 17;

    /// <summary>The parent folder: the temporary folder, or /tmp if the path of a socket would be too long.</summary>
    public static string Place => Places.First(Fits);

    public static string[] Places =>
        OperatingSystem.IsWindows() ? [System.IO.Path.GetTempPath()] : [.. new[] { System.IO.Path.GetTempPath(), "/tmp/" }.Distinct()];

    /// <summary>
    /// Folders of such a name that this user has created. Any user can create one in /tmp, and its contents would be run, stopped or removed with the rights of this user.
    /// </summary>
    public static IEnumerable<string> LeftIn(string prefix) => Places.SelectMany(p => Directory.EnumerateDirectories(p, prefix + "*")).Where(IsOwn);

    /// <summary>If the owner cannot be determined, only the user's own temporary folder is used.</summary>
    private static bool IsOwn(string path)
    {
        if (!OperatingSystem.IsLinux())
            return !path.StartsWith("/tmp/", StringComparison.Ordinal);
        var own = LinuxCalls.OwnerOfFolder(path);
        return own is not null && (own == UserId.Effective || (IsRoot() && own == UserId.Of(UnprivilegedUser())))
            && (!Directory.Exists(System.IO.Path.Combine(path, "data")) || LinuxCalls.OwnerOfFolder(System.IO.Path.Combine(path, "data")) == own);
    }

    /// <summary>Whether the process that created such a folder still runs.</summary>
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
