using DbSafety.Backups.Sets.Folders;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets;

/// <summary>
/// Removes a set: the manifest first, so that the remains of a killed run do not look like a backup, under the same marker as a set that is being
/// written, so that the next backup into the folder removes the rest. The caller holds the folder's lock.
/// </summary>
internal static class SetRemoval
{
    /// <returns>False, with a warning, where the set is not one that can be removed safely.</returns>
    public static bool Remove(PgBackup set, IOperationEvents events)
    {
        var name = Path.GetFileNameWithoutExtension(set.Path);
        if (set.Manifest.Files.FirstOrDefault(f => !Belongs(f.Path, name)) is { } stranger)
        {
            events.Warning($"{Path.GetFileName(set.Path)} was not removed: its file {stranger.Path} does not have its name");
            return false;
        }

        try
        {
            // A restore that reads the set keeps it.
            using (SetHold.Alone(set))
            using (SetMarker.Hold(set.Folder, name))
            {
                StepPoint.Reach("retention: set marked");
                File.Delete(set.Path);
                // On the disk as well: after a power cut there must be no manifest without its files.
                FolderSync.Flush(set.Folder);
                StepPoint.Reach("retention: manifest removed");
                foreach (var file in set.Manifest.Files)
                {
                    File.Delete(Path.Combine(set.Folder, file.Path));
                    StepPoint.Reach("retention: file removed");
                }

                File.Delete(Path.ChangeExtension(set.Path, SetPin.Ending));
                RemoveFolder(set.Payload, events);
            }

            StepPoint.Reach("retention: set removed");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.Warning(File.Exists(set.Path)
                ? $"{name} could not be removed: {e.Message}"
                : $"{name} is no longer a backup: its manifest was removed, but not {string.Join(", ", set.Manifest.Files.Select(f => f.Path).Where(f => Path.Exists(Path.Combine(set.Folder, f))).DefaultIfEmpty("all of its files"))}: {e.Message}. Remove them by hand");
            return false;
        }
    }

    /// <summary>A file of this set, beside the manifest or in the set's own folder.</summary>
    private static bool Belongs(string path, string name) =>
        path.StartsWith(name + ".", StringComparison.Ordinal) && path.Split('/') is { Length: <= 2 } parts && parts.All(p => p is not (".." or "." or "") && !p.Contains('\\', StringComparison.Ordinal));

    private static void RemoveFolder(string payload, IOperationEvents events)
    {
        if (!Directory.Exists(payload))
            return;
        if (Directory.EnumerateFileSystemEntries(payload).Any())
            events.Warning($"{payload} contains files that are not part of the backup; they were not removed");
        else
            Directory.Delete(payload);
    }
}
