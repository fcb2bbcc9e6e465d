using DbSafety.Backups.Dumps.Archives;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Restores what follows the rows of an archive: indexes and constraints before privileges, as pg_restore does; then the rows are counted, because an owner can have revoked
/// its own SELECT privilege, and because populating a materialized view can write; event triggers come last, so that they do not fire for any of it.
/// </summary>
/// <param name="count">Counts what was restored.</param>
internal sealed class AfterRows(PgRestoreRun pgRestore, PathEntries pathEntries, Func<CancellationToken, Task> count)
{
    /// <param name="done">Dump IDs of the entries that exist already, and of <paramref name="callers"/>.</param>
    /// <param name="callers">What is created with a search_path; see <see cref="PathEntries"/>.</param>
    /// <param name="largeObjects">Loads large objects.</param>
    public async Task RunAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, IReadOnlyList<ArchiveEntry> callers, Func<Task>? largeObjects, CancellationToken ct)
    {
        await pgRestore.DefinitionsAsync(head, toc, done, ["data", "post-data"], ct);
        // An entry whose function needs a privilege waits for it.
        var waiting = await pathEntries.CreateAsync([.. callers.Where(e => e.Pass == RestorePass.Objects)], ct, waits: true);
        if (largeObjects is not null)
            await largeObjects();
        await count(ct);
        await pgRestore.PrivilegesAsync(head, toc, done, ct);
        await pathEntries.CreateAsync(waiting, ct);
        await pgRestore.LastAsync(head, toc, done, RestorePass.Last, ct);
        await pathEntries.CreateAsync([.. callers.Where(e => e.Pass == RestorePass.Last)], ct);
        await pgRestore.LastAsync(head, toc, done, RestorePass.EventTriggers, ct);
    }
}
