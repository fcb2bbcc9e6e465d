using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Backups.Last;

/// <summary>Finds the last backup of one database. No I/O.</summary>
/// <param name="sets">The sets of all databases, the newest first, with what their last tests found.</param>
/// <param name="log">The newest first.</param>
internal sealed class LastBackupSearch(BackupSeries database, IReadOnlyList<PgBackup> sets, IReadOnlyList<DbSafetyLogEntry> log)
{
    /// <summary>The OID of the database that exists now; null: no server was asked.</summary>
    public uint? Oid { get; init; }

    public PgLastBackup Find(TimeSpan maxAge, DateTimeOffset now)
    {
        var own = sets.Where(s => GetLastBackups.SeriesOf(s) == database).ToList();
        // A time in the future is that of a wrong clock: such a set counts only if there is no other.
        var last = own.FirstOrDefault(s => Uncounted(s) is null && s.SnapshotTime <= now) ?? own.FirstOrDefault(s => Uncounted(s) is null);
        var age = now - last?.SnapshotTime;
        var seals = own.Select(s => s.Manifest.Seal).Concat(CreatedSeals(own)).Where(s => s.Length > 0).ToHashSet(StringComparer.Ordinal);
        var drill = LastOf("backup test", seals, e => e.Stages.ContainsKey(TestBackup.DrillStage));
        var restore = LastOf("restore run", seals, _ => true);
        return new PgLastBackup
        {
            Database = database.Database,
            SourceServer = database.Server,
            Backup = last,
            Age = age < TimeSpan.Zero ? null : age,
            IsStale = age is not { } known || known < TimeSpan.Zero || known > maxAge,
            LastDrill = drill?.Time,
            DrillDuration = drill?.Stages[TestBackup.DrillStage],
            LastRestore = restore?.Time,
            RestoreDuration = restore?.Duration,
            Notes = [.. Notes(own, last, now)],
        };
    }

    private IEnumerable<string> Notes(List<PgBackup> own, PgBackup? last, DateTimeOffset now)
    {
        if (last?.SnapshotTime > now)
            yield return "its snapshot time is in the future: the clock of the server or of this machine is wrong";
        foreach (var set in own.TakeWhile(s => s != last))
            yield return $"{Path.GetFileName(set.Path)} is newer and does not count: {Uncounted(set) ?? "its time is in the future"}";
        // Without a manifest, only the name of its files shows the database.
        foreach (var set in sets.Where(s => s is { Manifest.Seal.Length: 0, State: BackupState.Incomplete or BackupState.Damaged } && s.Database == database.Database && !(s.SnapshotTime <= last?.SnapshotTime)))
            yield return $"{Path.GetFileName(set.Path)} is newer and does not count: it is {set.State}";
        var elsewhere = sets.FirstOrDefault(s => s.State == BackupState.Intact && s.Database == database.Database && s.SystemIdentifier is { } identifier && identifier == database.SystemIdentifier && GetLastBackups.SeriesOf(s) != database);
        if (elsewhere is not null && (last is null || elsewhere.SnapshotTime > last.SnapshotTime))
            yield return $"{Path.GetFileName(elsewhere.Path)} is of a server with the same system identifier at another address ({elsewhere.SourceServer}), and does not count: it can be a copy";
    }

    private string? Uncounted(PgBackup set) => set switch
    {
        { State: BackupState.Excerpt } => "it contains only a part of the database",
        { State: not BackupState.Intact } => $"it is {set.State}",
        { FailedLastTest: true } => "its last test failed",
        _ when Oid is { } now && set.Manifest.Source.DatabaseOid is { } then && now != then => "the database was replaced after it",
        _ => null,
    };

    /// <summary>The seals of this database's sets, also of those that retention has removed: of all that were created at an address at which one of the existing sets was created.</summary>
    private IEnumerable<string> CreatedSeals(List<PgBackup> own)
    {
        var seals = own.Select(s => s.Manifest.Seal).ToHashSet(StringComparer.Ordinal);
        var created = log.Where(e => e.Verb == "backup create" && e.Database == database.Database && e.SystemIdentifier == database.SystemIdentifier).ToList();
        var servers = created.Where(e => e.Sets.Any(s => s.Seal is { } seal && seals.Contains(seal))).Select(e => e.Server).ToHashSet(StringComparer.Ordinal);
        return created.Where(e => servers.Contains(e.Server)).SelectMany(e => e.Sets).Select(s => s.Seal ?? "");
    }

    private DbSafetyLogEntry? LastOf(string verb, HashSet<string> seals, Func<DbSafetyLogEntry, bool> fits) =>
        log.FirstOrDefault(e => e.Verb == verb && e.Outcome == LogOutcome.Succeeded && fits(e) && e.Sets.Any(s => s.Seal is { } seal && seals.Contains(seal)));
}
