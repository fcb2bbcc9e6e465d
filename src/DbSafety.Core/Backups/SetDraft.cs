using System.Globalization;
using System.Runtime.InteropServices;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>
/// A set that is being written. Everything is under a <c>.partial</c> name beside a marker that its owner holds open; publishing
/// renames payload and globals and last of all the manifest. Whatever a killed run left is told by a marker nobody holds.
/// </summary>
internal sealed class SetDraft : IDisposable
{
    internal const string Partial = ".partial";

    private readonly FileStream marker;
    private readonly List<string> names = [];

    private SetDraft(string folder, string name, FileStream marker)
    {
        Folder = folder;
        Name = name;
        this.marker = marker;
    }

    public string Folder { get; }

    /// <summary><c>backup_prod_shop_20261120T021500Z</c>, the beginning of each of the set's file names.</summary>
    public string Name { get; }

    /// <summary>Makes the folder where needed, clears what killed runs left in it, and takes a name that is free.</summary>
    /// <exception cref="DbSafetyException"><c>DBS201</c>.</exception>
    public static SetDraft Begin(string folder, string environment, string database, DateTimeOffset now, IOperationEvents events)
    {
        try
        {
            folder = Path.GetFullPath(folder);
            PrivateFolder(folder);
            Sweep(folder, events);
            for (; ; now = now.AddSeconds(1))
            {
                var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
                var name = NameOf(environment, database) + time;
                if (Directory.EnumerateFileSystemEntries(folder, name + ".*").Any())
                    continue;
                var marker = PrivateFile(Path.Combine(folder, name + Partial), FileMode.CreateNew, FileShare.None);
                return new SetDraft(folder, name, marker);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw IsDiskFull(e) ? ErrorCatalogue.DiskFull.Because(e, folder) : ErrorCatalogue.DestinationUnusable.Because(e, folder, e.Message);
        }
    }

    /// <summary>What the names of a database's sets begin with, up to their time.</summary>
    public static string NameOf(string environment, string database) => $"backup_{Uri.EscapeDataString(environment)}_{Uri.EscapeDataString(database)}_";

    /// <summary>A file of the set, open for writing, under its partial name.</summary>
    public FileStream Create(string ending) => PrivateFile(PartialPath(ending), FileMode.CreateNew, FileShare.Read);

    /// <summary>Where a file or folder of the set lies until it is published.</summary>
    public string PartialPath(string ending)
    {
        lock (names)
        {
            if (!names.Contains(ending))
                names.Add(ending);
        }

        return Path.Combine(Folder, Name + ending + Partial);
    }

    /// <summary>Takes a file out of the set again.</summary>
    public void Forget(string ending)
    {
        Remove(PartialPath(ending));
        lock (names)
            names.Remove(ending);
    }

    /// <summary>Gives every file its final name, the manifest last, and returns the manifest's path.</summary>
    public string Publish(string manifest)
    {
        var path = Path.Combine(Folder, Name + ".json");
        using (var file = Create(".json"))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(manifest));
            file.Flush(flushToDisk: true);
        }

        foreach (var ending in names.OrderBy(e => e == ".json"))
        {
            var final = Path.Combine(Folder, Name + ending);
            if (Directory.Exists(PartialPath(ending)))
                Directory.Move(PartialPath(ending), final);
            else
                File.Move(PartialPath(ending), final);
        }

        names.Clear();
        FolderSync.Flush(Folder);
        return path;
    }

    /// <summary>Removes what was not published.</summary>
    public void Dispose()
    {
        foreach (var ending in names)
        {
            Remove(PartialPath(ending));
            Remove(Path.Combine(Folder, Name + ending));
        }

        marker.Dispose();
        File.Delete(marker.Name);
    }

    internal static bool IsDiskFull(Exception e) =>
        e is IOException && (e.HResult & 0xFFFF) is 28 or 0x70 or 0x27 // ENOSPC, ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        || e.Message.Contains("No space left on device", StringComparison.Ordinal);

    /// <summary>Removes what runs that were killed left behind: partial files, and final ones that got no manifest.</summary>
    private static void Sweep(string folder, IOperationEvents events)
    {
        foreach (var marker in Directory.EnumerateFiles(folder, "backup_*Z" + Partial))
        {
            try
            {
                using var held = new FileStream(marker, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // Its run is still at work, or it is someone else's.
            }

            var name = Path.GetFileName(marker)[..^Partial.Length];
            var whole = File.Exists(Path.Combine(folder, name + ".json"));
            foreach (var left in Directory.EnumerateFileSystemEntries(folder, name + ".*").Where(p => !whole || p.EndsWith(Partial, StringComparison.Ordinal)).ToList())
                Remove(left);
            if (!whole)
                events.Warning($"removed the partial backup {name}, which a run that did not end had left behind");
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private static void PrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(path))
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStream PrivateFile(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static class FolderSync
    {
        /// <summary>Makes the renames durable; Windows does so by itself.</summary>
        public static void Flush(string folder)
        {
            if (OperatingSystem.IsWindows())
                return;
            var descriptor = Open(folder, 0);
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
}
