using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Retention;

/// <summary>What to keep of the sets in a folder.</summary>
public sealed record RetentionRequest(string Folder, RetentionPolicy Policy)
{
    /// <summary>Only this database's; null: each database by itself.</summary>
    public string? Database { get; init; }

    /// <summary>Only this environment's.</summary>
    public string? Environment { get; init; }
}

/// <summary>
/// Which sets retention would remove. Damaged, partial and foreign sets and excerpts are neither counted nor removed; before any set of a
/// series is removed, the newest remaining set is read completely and proven.
/// </summary>
public sealed class PlanRemovals : IOperation<RetentionRequest, IReadOnlyList<PgBackup>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS203</c>; <c>DBS222</c> what to keep was not specified.</exception>
    public async Task<IReadOnlyList<PgBackup>> RunAsync(RetentionRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (request.Policy.IsEmpty || !request.Policy.IsValid)
            throw ErrorCatalogue.RetentionUnsaid.For(request.Folder);
        var now = DateTimeOffset.UtcNow;
        var sets = await SetsAsync(request, events, ct);
        foreach (var set in sets.Where(s => s.State != BackupState.Intact))
            events.Verbose($"{Path.GetFileName(set.Path)} is {set.State}: it is not counted and not removed");
        return await ProvenAsync(sets, request.Policy, now, events, ct);
    }

    /// <summary>The sets that the request is about, the newest first.</summary>
    internal static async Task<List<PgBackup>> SetsAsync(RetentionRequest request, IOperationEvents events, CancellationToken ct) =>
        [.. (await new ListBackups().RunAsync(new BackupListRequest(request.Folder, request.Database), events, ct)).Where(s => request.Environment is null || s.Environment == request.Environment)];

    /// <summary>
    /// Plans again without a set that proves to be damaged, until the newest of the remaining sets is proven: then there is always one intact
    /// backup left.
    /// </summary>
    private static async Task<IReadOnlyList<PgBackup>> ProvenAsync(List<PgBackup> sets, RetentionPolicy policy, DateTimeOffset now, IOperationEvents events, CancellationToken ct)
    {
        var proven = new HashSet<BackupSeries>();
        while (true)
        {
            var removals = RetentionPlan.Removals(sets, policy, now);
            if (removals.FirstOrDefault(r => !proven.Contains(BackupSeries.Of(r.Manifest))) is not { } next)
                return removals;
            var series = BackupSeries.Of(next.Manifest);
            // The list is the newest first.
            var newest = sets.FindIndex(s => s.State == BackupState.Intact && BackupSeries.Of(s.Manifest) == series);
            if (await ProofCache.IsIntactAsync(sets[newest], events, ct))
                proven.Add(series);
            else
                sets[newest] = sets[newest] with { State = BackupState.Damaged };
        }
    }
}
