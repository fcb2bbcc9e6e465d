using System.Globalization;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets;

/// <summary>
/// A set that is being written. Everything has a <c>.partial</c> name, next to a marker that its owner holds open; publishing
/// renames payload and globals and last of all the manifest. A marker that no process holds identifies the files of a killed run.
/// </summary>
internal sealed class SetDraft : IDisposable
{
    internal const string Partial = ".partial";

    private const string Manifest = ".json";

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

    /// <summary>Creates the folder if needed, removes what killed runs left in it, and chooses a name that is free.</summary>
    /// <exception cref="DbSafetyException"><c>DBS201</c>.</exception>
    public static SetDraft Begin(string folder, string environment, string database, DateTimeOffset now, IOperationEvents events)
    {
        try
        {
            folder = Path.GetFullPath(folder);
            PrivateFolder(folder);
            // A marker is there before it is locked: without the folder's lock another run could take it for an abandoned one.
            using var alone = FolderLock.Take(folder);
            RemovePartialFiles(folder, events);
            for (; ; now = now.AddSeconds(1))
            {
                var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
                var name = NameOf(environment, database) + time;
                if (!Directory.EnumerateFileSystemEntries(folder, name + ".*").Any())
                    return new SetDraft(folder, name, SetMarker.Hold(folder, name));
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

    /// <summary>Where a file or folder of the set is until it is published.</summary>
    public string PartialPath(string ending)
    {
        lock (names)
        {
            if (!names.Contains(ending))
                names.Add(ending);
        }

        return Path.Combine(Folder, Name + ending + Partial);
    }

    /// <summary>Removes a file from the set again.</summary>
    public void Forget(string ending)
    {
        Remove(PartialPath(ending));
        lock (names)
            names.Remove(ending);
    }

    /// <summary>
    /// Gives every file its final name, the manifest last, and returns the manifest's path. The files' content was synced as they were written,
    /// and their names are before the manifest gets its own: also after a power cut a manifest has all of its files.
    /// </summary>
    public string Publish(string manifest)
    {
        var path = Path.Combine(Folder, Name + Manifest);
        using (var file = Create(Manifest))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(manifest));
            file.Flush(flushToDisk: true);
        }

        StepPoint.Reach("backup: manifest written");
        foreach (var ending in names.Where(e => e != Manifest))
        {
            Rename(ending);
            StepPoint.Reach("backup: file renamed");
        }

        FolderSync.Flush(Folder);
        StepPoint.Reach("backup: files synced");
        Rename(Manifest);
        StepPoint.Reach("backup: manifest renamed");
        FolderSync.Flush(Folder);
        StepPoint.Reach("backup: published");
        names.Clear();
        return path;
    }

    /// <summary>Removes what was not published, the manifest first.</summary>
    public void Dispose()
    {
        foreach (var ending in names.OrderBy(e => e != Manifest))
        {
            Remove(Path.Combine(Folder, Name + ending));
            Remove(PartialPath(ending));
        }

        marker.Dispose();
    }

    private void Rename(string ending)
    {
        var (partial, final) = (PartialPath(ending), Path.Combine(Folder, Name + ending));
        if (Directory.Exists(partial))
            Directory.Move(partial, final);
        else
            File.Move(partial, final);
    }

    internal static bool IsDiskFull(Exception e) =>
        e is IOException && (e.HResult & 0xFFFF) is 28 or 0x70 or 0x27 // ENOSPC, ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        || e.Message.Contains("No space left on device", StringComparison.Ordinal);

    /// <summary>Removes what killed runs left: partial files, and final files without a manifest.</summary>
    private static void RemovePartialFiles(string folder, IOperationEvents events)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "backup_*Z" + Partial).ToList())
        {
            FileStream held;
            try
            {
                held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // Its run is still working, or it belongs to another user.
            }

            using (held)
            {
                var name = Path.GetFileName(path)[..^Partial.Length];
                var whole = File.Exists(Path.Combine(folder, name + Manifest));
                foreach (var left in Directory.EnumerateFileSystemEntries(folder, name + ".*").Where(p => p != path && (!whole || p.EndsWith(Partial, StringComparison.Ordinal))).ToList())
                    Remove(left);
                if (!whole)
                    events.Warning($"removed the incomplete backup {name}, which an interrupted run left");
            }

            File.Delete(path);
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
        {
            Directory.CreateDirectory(path);
            return;
        }

        var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path));
        while (above is not null && !Directory.Exists(above))
            above = Path.GetDirectoryName(above);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // The new folders' own names are in the folders above them.
        for (var made = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)); made is not null; made = made == above ? null : Path.GetDirectoryName(made))
            FolderSync.Flush(made);
    }

    private static FileStream PrivateFile(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
