using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Retention;

/// <summary>
/// Removes the sets that <see cref="PlanRetention"/> decided to remove. Right before each removal it is decided again, because other runs back up, remove and
/// damage sets in between: the set goes only if a newer set of its series that is not to go as well is intact at this moment. What is not
/// removed is reported; its decision and reason in the result are those of this moment.
/// </summary>
public sealed class RemoveBackups : IOperation<IReadOnlyList<PgBackup>, IReadOnlyList<PgBackup>>
{
    /// <summary>The rules that the sets were chosen by; a set that they keep now stays. Null: only the last intact set is kept.</summary>
    public RetentionRequest? Retention { get; init; }

    /// <returns>All sets of the request; those that still have the decision to be removed are removed.</returns>
    /// <remarks>Each removal is an operation of its own in the log, so that the log is right however the run ends.</remarks>
    public async Task<IReadOnlyList<PgBackup>> RunAsync(IReadOnlyList<PgBackup> request, IOperationEvents events, CancellationToken ct)
    {
        var results = new List<PgBackup>();
        var going = Removals(request).Select(s => s.Path).ToHashSet(StringComparer.Ordinal);
        try
        {
            foreach (var set in request)
            {
                ct.ThrowIfCancellationRequested();
                results.Add(set.Decision == RetentionDecision.Remove ? await RecordAsync(set, going, events, ct) : set);
            }
        }
        catch when (Removals(results).ToList() is { Count: > 0 } removed)
        {
            events.Warning($"{removed.Count} {(removed.Count == 1 ? "backup was" : "backups were")} removed before: {string.Join(", ", removed.Select(NameOf))}");
            throw;
        }

        return results;
    }

    private static IEnumerable<PgBackup> Removals(IEnumerable<PgBackup> sets) => sets.Where(s => s.Decision == RetentionDecision.Remove);

    private static string NameOf(PgBackup set) => Path.GetFileNameWithoutExtension(set.Path);

    private async Task<PgBackup> RecordAsync(PgBackup set, HashSet<string> going, IOperationEvents events, CancellationToken ct)
    {
        var subject = new LogSubject("backup remove") { Database = set.Database };
        var (result, _) = await AuditLog.RecordAsync(subject, events, e => RemoveAsync(set, going, e, ct), removal => removal.Outcome == LogOutcome.Refused
            ? new LogResult { Outcome = removal.Outcome, Evidence = [$"{NameOf(set)} was not removed: {removal.Set.Reason}"] }
            : new LogResult { Outcome = removal.Outcome, Sets = [set.Logged], Bytes = set.Bytes, Evidence = [$"{NameOf(set)}: {removal.Set.Reason}"] });
        return result;
    }

    private async Task<(PgBackup Set, LogOutcome Outcome)> RemoveAsync(PgBackup set, HashSet<string> going, IOperationEvents events, CancellationToken ct)
    {
        while (await NewerAsync(set, going, events, ct) is { } newer)
        {
            StepPoint.Reach("retention: newer set proven");
            using var folder = FolderLock.Take(set.Folder);
            // Sets are removed only under this lock: a set that stays now stays until this set is removed.
            if (!ProofCache.IsUnchanged(newer))
                continue;
            if (await RefusalAsync(set, ct) is { } refusal)
                return (Left(refusal, events), LogOutcome.Refused);
            StepPoint.Reach("retention: removal decided");
            // A removal that fails has reported why.
            if (SetRemoval.Remove(set, events))
                return (set, LogOutcome.Succeeded);
            return File.Exists(set.Path)
                ? (new RetentionVerdict(set, RetentionDecision.Keep, "could not be removed").Decided, LogOutcome.Failed)
                : (new RetentionVerdict(set with { State = BackupState.Incomplete }, RetentionDecision.Ignore, "its manifest was removed, but not all of its files").Decided, LogOutcome.Failed);
        }

        return (Left(new RetentionVerdict(set, RetentionDecision.Keep, "no newer backup of the same server, environment and database is intact"), events), LogOutcome.Refused);
    }

    /// <summary>The newest intact set that is newer than this one and is not to be removed itself, read completely. Null: there is none.</summary>
    private static async Task<PgBackup?> NewerAsync(PgBackup set, HashSet<string> going, IOperationEvents events, CancellationToken ct)
    {
        var (series, now) = (BackupSeries.Of(set.Manifest), DateTimeOffset.UtcNow);
        var sets = await LastTest.MarkAsync(await new ListBackups().RunAsync(new BackupListRequest(set.Folder, set.Database), OperationEvents.None, ct), OperationEvents.None, ct);
        foreach (var newer in sets.Where(s => RetentionPlan.Counts(s, now) && IsNewer(s, set) && !going.Contains(s.Path) && BackupSeries.Of(s.Manifest) == series))
        {
            if (await ProofCache.IsIntactAsync(newer, events, ct))
                return newer;
        }

        return null;
    }

    /// <summary>In the order of the plan, which distinguishes sets of the same time too. A copy of the set's own manifest is not another set.</summary>
    private static bool IsNewer(PgBackup other, PgBackup set) => other.Manifest.Seal != set.Manifest.Seal
        && (other.SnapshotTime > set.SnapshotTime || (other.SnapshotTime == set.SnapshotTime && string.CompareOrdinal(other.Path, set.Path) > 0));

    /// <summary>Why the set is not to be removed any more; null: it is.</summary>
    private async Task<RetentionVerdict?> RefusalAsync(PgBackup set, CancellationToken ct)
    {
        RetentionVerdict Because(RetentionDecision decision, string reason) => new(set, decision, reason);
        try
        {
            if (SetFiles.Find(set.Path) is not { State: BackupState.Intact } now || now.Manifest.Seal != set.Manifest.Seal)
                return Because(RetentionDecision.Ignore, "it changed after it was selected");
            if (now.PinnedUntil is { } until && until > DateTimeOffset.UtcNow)
                return Because(RetentionDecision.Keep, $"it is pinned until {until.UtcDateTime:yyyy-MM-dd} ({now.PinReason}); to remove it earlier, delete {Path.GetFileNameWithoutExtension(set.Path)}{SetPin.Ending} first");
            if (now.HasRowsSince)
                return Because(RetentionDecision.Keep, RetentionPlan.RowsSince(now));
        }
        catch (DbSafetyException e)
        {
            return Because(RetentionDecision.Ignore, e.Definition == ErrorCatalogue.BackupNotFound ? "another run has removed it" : e.Message);
        }

        if (Retention is null)
            return null;
        var sets = await PlanRetention.SetsAsync(Retention, OperationEvents.None, ct);
        return RetentionPlan.Decide(sets, Retention.Policy, DateTimeOffset.UtcNow).FirstOrDefault(v => v.Set.Path == set.Path) switch
        {
            null => Because(RetentionDecision.Ignore, "it is no longer in the folder"),
            { Decision: RetentionDecision.Remove } => null,
            var kept => Because(kept.Decision, $"the retention rules keep it now ({kept.Reason})"),
        };
    }

    private static PgBackup Left(RetentionVerdict verdict, IOperationEvents events)
    {
        events.Warning($"{NameOf(verdict.Set)} was not removed: {verdict.Reason}");
        return verdict.Decided;
    }
}
