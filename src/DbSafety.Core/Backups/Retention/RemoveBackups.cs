using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Retention;

/// <summary>
/// Removes sets as <see cref="PlanRemovals"/> chose them. Right before each removal it is decided again, because other runs back up, remove and
/// damage sets in between: the set goes only if a newer set of its series that is not to go as well is intact at this moment. What is not
/// removed is reported and left out of the result.
/// </summary>
public sealed class RemoveBackups : IOperation<IReadOnlyList<PgBackup>, IReadOnlyList<PgBackup>>
{
    /// <summary>The rules that the sets were chosen by; a set that they keep now stays. Null: only the last intact set is kept.</summary>
    public RetentionRequest? Retention { get; init; }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PgBackup>> RunAsync(IReadOnlyList<PgBackup> request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(new LogSubject("backup remove") { IsPlan = request.Count == 0 }, events, e => RemoveAsync(request, e, ct), removed => new LogResult { Sets = [.. removed.Select(b => b.Logged)], Bytes = removed.Sum(b => b.Bytes) });

    private async Task<IReadOnlyList<PgBackup>> RemoveAsync(IReadOnlyList<PgBackup> request, IOperationEvents events, CancellationToken ct)
    {
        var removed = new List<PgBackup>();
        var going = request.Select(s => s.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var set in request)
        {
            ct.ThrowIfCancellationRequested();
            if (await RemoveAsync(set, going, events, ct))
                removed.Add(set);
        }

        return removed;
    }

    private async Task<bool> RemoveAsync(PgBackup set, HashSet<string> going, IOperationEvents events, CancellationToken ct)
    {
        while (await NewerAsync(set, going, events, ct) is { } newer)
        {
            StepPoint.Reach("retention: newer set proven");
            using var folder = FolderLock.Take(set.Folder);
            // Sets are removed only under this lock: a set that stays now stays until this set is removed.
            if (!ProofCache.IsUnchanged(newer))
                continue;
            if (await RefusalAsync(set, ct) is { } reason)
                return Left(set, reason, events);
            StepPoint.Reach("retention: removal decided");
            return SetRemoval.Remove(set, events);
        }

        return Left(set, "no newer backup of the same server, environment and database is intact", events);
    }

    /// <summary>The newest intact set that is newer than this one and is not to be removed itself, read completely. Null: there is none.</summary>
    private static async Task<PgBackup?> NewerAsync(PgBackup set, HashSet<string> going, IOperationEvents events, CancellationToken ct)
    {
        var series = BackupSeries.Of(set.Manifest);
        var sets = await new ListBackups().RunAsync(new BackupListRequest(set.Folder, set.Database), OperationEvents.None, ct);
        foreach (var newer in sets.Where(s => s.State == BackupState.Intact && s.SnapshotTime > set.SnapshotTime && !going.Contains(s.Path) && BackupSeries.Of(s.Manifest) == series))
        {
            if (await ProofCache.IsIntactAsync(newer, events, ct))
                return newer;
        }

        return null;
    }

    /// <summary>Why the set is not to be removed any more; null: it is.</summary>
    private async Task<string?> RefusalAsync(PgBackup set, CancellationToken ct)
    {
        try
        {
            if (SetFiles.Find(set.Path) is not { State: BackupState.Intact } now || now.Manifest.Seal != set.Manifest.Seal)
                return "it changed after it was selected";
            if (now.PinnedUntil is { } until && until > DateTimeOffset.UtcNow)
                return $"it is pinned until {until.UtcDateTime:yyyy-MM-dd} ({now.PinReason}); to remove it earlier, delete {Path.GetFileNameWithoutExtension(set.Path)}{SetPin.Ending} first";
        }
        catch (DbSafetyException e)
        {
            return e.Definition == ErrorCatalogue.BackupNotFound ? "another run has removed it" : e.Message;
        }

        if (Retention is null)
            return null;
        var sets = await PlanRemovals.SetsAsync(Retention, OperationEvents.None, ct);
        return RetentionPlan.Removals(sets, Retention.Policy, DateTimeOffset.UtcNow).Any(s => s.Path == set.Path) ? null : "the retention rules keep it now";
    }

    private static bool Left(PgBackup set, string reason, IOperationEvents events)
    {
        events.Warning($"{Path.GetFileNameWithoutExtension(set.Path)} was not removed: {reason}");
        return false;
    }
}
