using System.Text.Json;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets;

/// <summary>Keeps a set from retention until a time: a file next to its manifest, which is sealed. To remove the set earlier, delete that file.</summary>
/// <param name="Until">The first moment at which retention can remove it.</param>
internal sealed record SetPin(DateTimeOffset Until, string Reason)
{
    public const string Ending = ".pin";

    /// <summary>Null where the set has none. One that cannot be read keeps the set.</summary>
    public static SetPin? Read(string manifest)
    {
        var path = PathOf(manifest);
        try
        {
            if (FileContent.IsEmpty(path))
                return Unreadable(path, "it is empty or is not a regular file");
            return Path.Exists(path) ? JsonSerializer.Deserialize<SetPin>(File.ReadAllText(path), ManifestFile.Json) ?? Unreadable(path, "it is empty") : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Unreadable(path, e.Message);
        }
    }

    /// <summary>On the disk before it returns.</summary>
    /// <exception cref="DbSafetyException"><c>DBS436</c>.</exception>
    public static PgBackup Pin(PgBackup set, DateTimeOffset until, string reason)
    {
        var (pin, path) = (new SetPin(until, reason), PathOf(set.Path));
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(path + SetDraft.Partial, options))
            {
                JsonSerializer.Serialize(file, pin, ManifestFile.Json);
                file.Flush(flushToDisk: true);
            }

            File.Move(path + SetDraft.Partial, path, overwrite: true);
            FolderSync.Flush(set.Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.PinFailed.Because(e, set.Path, e.Message);
        }

        return set with { PinnedUntil = until, PinReason = reason };
    }

    /// <summary>A set whose pin cannot be deleted stays pinned.</summary>
    public static PgBackup Remove(PgBackup set)
    {
        try
        {
            File.Delete(PathOf(set.Path));
            return set with { PinnedUntil = null, PinReason = null };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return set;
        }
    }

    private static SetPin Unreadable(string path, string why) => new(DateTimeOffset.MaxValue, $"{Path.GetFileName(path)} cannot be read: {why}");

    private static string PathOf(string manifest) => Path.ChangeExtension(manifest, Ending);
}
