using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// Removes what killed restores and rehearsals of a database left: temporary databases whose mark names this database, by its full name.
/// This run holds the lock, so none of those runs is still working.
/// </summary>
internal static class AbandonedObjects
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task RemoveAbandonedAsync(NpgsqlConnection maintenance, DatabaseTarget target, IOperationEvents events, CancellationToken ct)
    {
        await EndCreationsAsync(maintenance, target.Database, ct);
        await SubscriptionPause.RecoverAsync(maintenance, target, events, ct);
        foreach (var left in (await RetainedDatabases.InventoryAsync(maintenance, target.Database, ct)).Of(MarkKind.Restoring, MarkKind.Rehearsal))
        {
            if (left.Mark is null)
            {
                events.Warning($"{left.Name} was left by an earlier version or is your own database; it is not dropped");
                continue;
            }

            if (await new DatabaseDrop(target.On(left.Name), left.Oid, DropSessions.EndOurs).OrWarnAsync(events))
                events.Warning($"dropped {left.Name}, which an interrupted run left");
        }
    }

    /// <summary>
    /// A server notices that a client has disconnected when it sends an answer: a CREATE DATABASE of a disconnected client continues until it finishes, and the
    /// database would exist after the removal.
    /// </summary>
    private static async Task EndCreationsAsync(NpgsqlConnection maintenance, string database, CancellationToken ct)
    {
        string[] begins = [DatabaseCreation.Sign(database, MarkKind.Restoring), DatabaseCreation.Sign(database, MarkKind.Rehearsal)];
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < WaitLimit)
        {
            var ended = await maintenance.ListAsync(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND (pg_catalog.starts_with(query, $1) OR pg_catalog.starts_with(query, $2)) AND pid <> pg_catalog.pg_backend_pid()",
                r => r.GetBoolean(0),
                ct,
                begins[0],
                begins[1]);
            if (ended.Count == 0)
                return;
            await Task.Delay(Pause, ct);
        }
    }
}
