using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Which folder to list, and of which database (null: of all).</summary>
public sealed record BackupListRequest(string Folder, string? Database = null);

/// <summary>The sets in a folder, the newest first. Damaged manifests are named in a warning: they are no sets.</summary>
public sealed class ListBackups : IOperation<BackupListRequest, IReadOnlyList<PgBackup>>
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<PgBackup>> RunAsync(BackupListRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (!Directory.Exists(request.Folder))
            throw ErrorCatalogue.BackupNotFound.For(request.Folder);
        var sets = new List<PgBackup>();
        foreach (var path in Directory.EnumerateFiles(Path.GetFullPath(request.Folder), "*.json").Where(ManifestFile.LooksLikeOne))
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                sets.Add(SetFiles.Find(path));
            }
            catch (DbSafetyException e)
            {
                events.Warning(e.Message);
            }
        }

        return Task.FromResult<IReadOnlyList<PgBackup>>(
            [.. sets.Where(s => request.Database is null || s.Database == request.Database).OrderByDescending(s => s.SnapshotTime)]);
    }
}
