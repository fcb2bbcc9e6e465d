namespace DbSafety.Tools.Isolation;

/// <summary>
/// The folder of the socket through which a rehearsed command reaches the copy. Its owner holds a lock on a file in it, which is released when the owner ends, however it
/// ends. An isolated command, which sees no other process, then ends too, and the next operation removes the folder.
/// </summary>
internal sealed class CommandFolder : IDisposable
{
    private const string Prefix = "dbsafety-command-";

    private static readonly TimeSpan LockingTime = TimeSpan.FromMinutes(10);

    private readonly FileStream held;

    public CommandFolder()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        RemoveAbandoned();
        Path = System.IO.Path.Combine(OwnedFolders.Place, Prefix + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        held = new FileStream(System.IO.Path.Combine(Path, OwnedFolders.Lock), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    /// <summary>Whether the owner of such a folder still runs.</summary>
    public static bool IsAlive(string path) => OwnedFolders.IsLocked(path);

    /// <summary>The folders of runs that were killed.</summary>
    public static void RemoveAbandoned()
    {
        foreach (var path in OwnedFolders.LeftIn(Prefix))
        {
            var isNew = !File.Exists(System.IO.Path.Combine(path, OwnedFolders.Lock)) && Directory.GetLastWriteTimeUtc(path) > DateTime.UtcNow - LockingTime;
            if (isNew || IsAlive(path))
                continue;
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // It belongs to another user.
            }
        }
    }

    public void Dispose()
    {
        held.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
