using System.Diagnostics;
using System.Runtime.InteropServices;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>
/// Only one run at a time chooses a name in a folder of backups, removes files of killed runs, or removes a set. The lock is held only briefly, and
/// ends with its process. On Unix it is an flock(2) on the folder itself, so no file remains; if the file system has no such locks,
/// it does nothing.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const int ExclusiveNoWait = 2 | 4; // LOCK_EX | LOCK_NB, on Linux, macOS and the BSDs
    private const string WindowsFile = ".dbsafety.lock";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30), Interval = TimeSpan.FromMilliseconds(10);

    private readonly int descriptor = -1;
    private readonly FileStream? file;

    private FolderLock(int descriptor) => this.descriptor = descriptor;

    private FolderLock(FileStream file) => this.file = file;

    /// <exception cref="DbSafetyException"><c>DBS115</c> another run holds it for longer than 30 seconds.</exception>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    public static FolderLock Take(string folder)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if ((OperatingSystem.IsWindows() ? TryFile(folder) : TryFolder(folder)) is { } taken)
                return taken;
            if (clock.Elapsed > Longest)
                throw ErrorCatalogue.AnotherRun.For(folder, "it has locked the folder");
            Thread.Sleep(Interval);
        }
    }

    public void Dispose()
    {
        file?.Dispose();
        if (descriptor >= 0)
            _ = Close(descriptor);
    }

    private static FolderLock? TryFolder(string folder)
    {
        // A child process that inherited the descriptor would keep the lock.
        var closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        var descriptor = Open(folder, closeOnExec);
        if (descriptor < 0)
            throw new IOException($"cannot open {folder}");
        if (Flock(descriptor, ExclusiveNoWait) == 0 || Marshal.GetLastPInvokeError() is not (11 or 35)) // EWOULDBLOCK
            return new FolderLock(descriptor);
        _ = Close(descriptor);
        return null;
    }

    private static FolderLock? TryFile(string folder)
    {
        try
        {
            return new FolderLock(new FileStream(Path.Combine(folder, WindowsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (Exception e) when (e is IOException and not DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null; // Held, or being deleted by the one that held it.
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Flock(int descriptor, int operation);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
