using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
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
    public async Task<IReadOnlyList<PgLastBackup>> RunAsync(LastBackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        var log = await new ReadLog().RunAsync(new LogRequest(), events, ct);
        var sets = new List<PgBackup>();
        foreach (var folder in FoldersOf(request, log, events))
            sets.AddRange(await new ListBackups().RunAsync(new BackupListRequest(folder), events, ct));
        // A folder that is specified twice, or through a link, has the same sets.
        sets = [.. sets.Where(s => s.State != BackupState.Foreign).DistinctBy(s => s.Manifest.Seal is { Length: > 0 } seal ? seal : s.Path).OrderByDescending(s => s.SnapshotTime)];
        var databases = request.Databases.Count > 0 ? await IdentifyAsync(request.Databases, ct) : sets.Where(s => s.State == BackupState.Intact).Select(SeriesOf).Distinct();
        return [.. databases.Select(d => new LastBackupSearch(d, sets, log).Find(request.MaxAge, DateTimeOffset.UtcNow)).OrderBy(b => b.SourceServer, StringComparer.Ordinal).ThenBy(b => b.Database, StringComparer.Ordinal)];
    }

    internal static BackupSeries SeriesOf(PgBackup set) => BackupSeries.Of(set.Manifest) with { Environment = "" };

    private static IEnumerable<string> FoldersOf(LastBackupRequest request, IReadOnlyList<DbSafetyLogEntry> log, IOperationEvents events)
    {
        if (request.Folders.Count > 0)
            return request.Folders;
        var folders = log.Where(e => e.Verb == "backup create" || e.Verb == "migration run").SelectMany(e => e.Sets).Select(s => Path.GetDirectoryName(s.Path)!).Distinct(StringComparer.Ordinal).ToLookup(Directory.Exists);
        foreach (var missing in folders[false])
            events.Verbose($"{missing}, where backups were created, does not exist any more");
        return folders[true].Any() ? folders[true] : throw ErrorCatalogue.BackupFolderUnknown.For("the last backups");
    }

    private static async Task<IReadOnlyList<BackupSeries>> IdentifyAsync(IReadOnlyList<DatabaseTarget> targets, CancellationToken ct)
    {
        var series = new List<BackupSeries>();
        foreach (var target in targets)
        {
            await using var connection = await target.OpenAsync(ct, "dbsafety backup last");
            series.Add(await LiveSeries.ReadAsync(target, connection, "", ct));
        }

        return series;
    }
}
