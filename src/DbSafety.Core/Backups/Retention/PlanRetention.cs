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
/// What retention would do with each set of a folder, the oldest first, with the reason. Damaged, partial and foreign sets, excerpts, and sets whose last test failed are neither counted nor
/// removed; before any set of a series is removed, the newest remaining set is read completely and proven.
/// </summary>
public sealed class PlanRetention : IOperation<RetentionRequest, IReadOnlyList<PgBackup>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS203</c>; <c>DBS222</c> what to keep was not specified.</exception>
    public async Task<IReadOnlyList<PgBackup>> RunAsync(RetentionRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (request.Policy.IsEmpty || !request.Policy.IsValid)
            throw ErrorCatalogue.RetentionUnsaid.For(request.Folder);
        var plan = await ProvenAsync(await SetsAsync(request, events, ct), request.Policy, DateTimeOffset.UtcNow, events, ct);
        foreach (var label in request.Policy.KeepLabels.Where(l => !plan.Any(v => v.Set.Labels.Contains(l, StringComparer.OrdinalIgnoreCase))))
            events.Warning($"no backup in {request.Folder} has the label {label}");
        foreach (var verdict in plan.Where(v => v.Decision == RetentionDecision.Ignore))
            events.Verbose($"{Path.GetFileName(verdict.Set.Path)} is not counted and not removed: {verdict.Reason}");
        if (plan.Where(v => v.Decision == RetentionDecision.Keep).Sum(v => v.Set.Bytes) is var kept && kept > request.Policy.MaxBytes)
            events.Warning($"the size limit of {ByteSize.Text(request.Policy.MaxBytes.Value)} cannot be met: backups of {ByteSize.Text(kept)} in {request.Folder} must not be removed ({Advice.Of($"--all")} lists the reasons)");
        return [.. plan.Select(v => v.Decided)];
    }

    /// <summary>The sets that the request is about, the newest first.</summary>
    internal static async Task<List<PgBackup>> SetsAsync(RetentionRequest request, IOperationEvents events, CancellationToken ct) =>
        [.. (await LastTest.MarkAsync(await new ListBackups().RunAsync(new BackupListRequest(request.Folder, request.Database), events, ct), events, ct)).Where(s => request.Environment is null || s.Environment == request.Environment)];

    /// <summary>
    /// Plans again without a set that proves to be damaged, until the newest of the remaining sets is proven: then there is always one intact
    /// backup left.
    /// </summary>
    private static async Task<IReadOnlyList<RetentionVerdict>> ProvenAsync(List<PgBackup> sets, RetentionPolicy policy, DateTimeOffset now, IOperationEvents events, CancellationToken ct)
    {
        var proven = new HashSet<BackupSeries>();
        while (true)
        {
            var plan = RetentionPlan.Decide(sets, policy, now);
            if (plan.FirstOrDefault(v => v.Decision == RetentionDecision.Remove && !proven.Contains(BackupSeries.Of(v.Set.Manifest))) is not { } next)
                return plan;
            var series = BackupSeries.Of(next.Set.Manifest);
            // The list is the newest first.
            var newest = sets.FindIndex(s => RetentionPlan.Counts(s, now) && BackupSeries.Of(s.Manifest) == series);
            if (await ProofCache.IsIntactAsync(sets[newest], events, ct))
                proven.Add(series);
            else
                sets[newest] = sets[newest] with { State = BackupState.Damaged };
        }
    }
}
