using System.Runtime.InteropServices;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>Makes the names in a folder durable: a rename is on the disk only when its folder is (fsync(2)). Windows does this automatically.</summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The folder cannot be synced.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"cannot sync {folder}");
        var failed = Sync(descriptor) != 0;
        _ = Close(descriptor);
        if (failed)
            throw new IOException($"cannot sync {folder}");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
