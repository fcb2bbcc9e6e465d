using DbSafety.Backups.Sets;

namespace DbSafety.Migrations.Stages;

/// <summary>The backup of a run contains the only copy of the data that the run deletes: it is pinned before any data is deleted.</summary>
internal static class PinnedBackup
{
    /// <summary>Before the migrations are applied, if they may delete data.</summary>
    public static void Pin(SafeMigrationRun run)
    {
        if (run.Backup is { } backup && run.Request.PinFor > TimeSpan.Zero && (run.Allowed.All || run.Allowed.Findings.Count > 0))
            run.Backup = SetPin.Pin(backup, DateTimeOffset.UtcNow + run.Request.PinFor, "it contains data that a migration was allowed to delete");
    }

    /// <summary>After it is known what was deleted.</summary>
    /// <param name="more">Losses that were not allowed.</param>
    public static void Decide(SafeMigrationRun run, bool more = false)
    {
        if (run.Backup is not { } backup)
            return;
        if (more && backup.PinnedUntil is null && run.Request.PinFor > TimeSpan.Zero)
            run.Backup = SetPin.Pin(backup, DateTimeOffset.UtcNow + run.Request.PinFor, "it contains data that a migration deleted");
        else if (!more && backup.PinnedUntil is not null && run is { Request.Command: null, Since: not { Exists: true }, Allowed: { All: false } or { Findings.Count: 0 } } && RunChanges.Lost(run).Count == 0)
            run.Backup = SetPin.Remove(backup);
    }
}
