using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Last;

/// <summary>Which databases, and where their backups are.</summary>
public sealed record LastBackupRequest
{
    /// <summary>A backup that is older is stale: a daily backup that takes up to two hours is not.</summary>
    public static readonly TimeSpan DefaultMaxAge = TimeSpan.FromHours(26);

    /// <summary>The folders of the sets; empty: those in which sets were created, according to the log of this user.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The databases; empty: each database that has a set in the folders.</summary>
    public IReadOnlyList<DatabaseTarget> Databases { get; init; } = [];

    public TimeSpan MaxAge { get; init; } = DefaultMaxAge;
}

/// <summary>
/// The last backup of each database. Sets are found by manifests and sizes, as <see cref="ListBackups"/> does; tests, drills and restores are those of the log.
/// The environment of a set does not matter; the server's identifier and address do, as in <see cref="BackupSeries"/>.
/// </summary>
public sealed class GetLastBackups : IOperation<LastBackupRequest, IReadOnlyList<PgLastBackup>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS234</c> there is no backup of any database; <c>DBS235</c>.</exception>
    public async Task<IReadOnlyList<PgLastBackup>> RunAsync(LastBackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        var log = await new ReadLog().RunAsync(new LogRequest(), events, ct);
        var sets = await FindAsync(FoldersOf(request, log, events), log, events, ct);
        var databases = request.Databases.Count > 0
            ? await IdentifyAsync(request.Databases, ct)
            : sets.Where(s => s.Manifest.Seal.Length > 0).Select(s => (Series: SeriesOf(s), Oid: (uint?)null)).Distinct();
        var last = databases.Select(d => new LastBackupSearch(d.Series, sets, log) { Oid = d.Oid }.Find(request.MaxAge, DateTimeOffset.UtcNow));
        if (request is { Databases.Count: 0, Folders.Count: 0 })
            last = last.Concat(Missing(log, sets));
        PgLastBackup[] results = [.. last.OrderBy(b => b.SourceServer, StringComparer.Ordinal).ThenBy(b => b.Database, StringComparer.Ordinal)];
        // A monitor must not succeed because the backups are gone.
        return results.Length > 0 ? results : throw ErrorCatalogue.BackupStale.For("any database", AgeText.Of(request.MaxAge));
    }

    internal static BackupSeries SeriesOf(PgBackup set) => BackupSeries.Of(set.Manifest) with { Environment = "" };

    private static IEnumerable<string> FoldersOf(LastBackupRequest request, IReadOnlyList<DbSafetyLogEntry> log, IOperationEvents events)
    {
        if (request.Folders.Count > 0)
            return request.Folders;
        var folders = log.Where(IsBackup).SelectMany(e => e.Sets).Select(s => Path.GetDirectoryName(s.Path)!).Distinct(StringComparer.Ordinal).ToLookup(Directory.Exists);
        foreach (var missing in folders[false])
            events.Warning($"{missing}, where backups were created, does not exist");
        return folders.Count > 0 ? folders[true] : throw ErrorCatalogue.BackupFolderUnknown.For("the last backups");
    }

    private static bool IsBackup(DbSafetyLogEntry entry) => entry.Verb is "backup create" or "migration run";

    /// <summary>The newest first. Of a set that is found twice, in a copy of its folder or through a link, one that counts.</summary>
    private static async Task<IReadOnlyList<PgBackup>> FindAsync(IEnumerable<string> folders, IReadOnlyList<DbSafetyLogEntry> log, IOperationEvents events, CancellationToken ct)
    {
        var sets = new List<PgBackup>();
        foreach (var folder in folders)
        {
            var found = (await new ListBackups().RunAsync(new BackupListRequest(folder), events, ct)).Where(s => s.State != BackupState.Foreign).ToList();
            if (found.Count == 0)
                events.Warning($"{folder} contains no backups");
            sets.AddRange(found);
        }

        return [.. LastTest.Mark(sets, log).OrderByDescending(s => s.SnapshotTime).ThenByDescending(s => s is { State: BackupState.Intact, FailedLastTest: false })
            .DistinctBy(s => s.Manifest.Seal is { Length: > 0 } seal ? seal : s.Path)];
    }

    /// <summary>The databases whose backups the log has, but none of which is found: the folder is gone, or is empty.</summary>
    private static IEnumerable<PgLastBackup> Missing(IReadOnlyList<DbSafetyLogEntry> log, IReadOnlyList<PgBackup> sets)
    {
        var seals = sets.Select(s => s.Manifest.Seal).ToHashSet(StringComparer.Ordinal);
        return log.Where(e => IsBackup(e) && e is { Database: not null, Sets.Count: > 0 }).GroupBy(e => (e.Database, e.Server))
            .Where(g => !g.SelectMany(e => e.Sets).Any(s => s.Seal is { } seal && seals.Contains(seal)))
            .Select(g => new PgLastBackup
            {
                Database = g.Key.Database!,
                SourceServer = g.Key.Server ?? "",
                IsStale = true,
                Notes = [$"the backups that were created in {string.Join(", ", g.SelectMany(e => e.Sets).Select(s => Path.GetDirectoryName(s.Path)).Distinct())} are not there"],
            });
    }

    private static async Task<IReadOnlyList<(BackupSeries Series, uint? Oid)>> IdentifyAsync(IReadOnlyList<DatabaseTarget> targets, CancellationToken ct)
    {
        var series = new List<(BackupSeries, uint?)>();
        foreach (var target in targets)
        {
            await using var connection = await target.OpenAsync(ct, "dbsafety backup last");
            series.Add((await LiveSeries.ReadAsync(target, connection, "", ct), await SourceReader.DatabaseOidAsync(connection, ct)));
        }

        return series;
    }
}
