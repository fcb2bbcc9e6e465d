using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Replication;

/// <summary>The effect of a swap on the logical replication of the live database, reported before anything starts.</summary>
internal static class ReplicationPlan
{
    /// <param name="kept">The name that the live database would get.</param>
    /// <returns>Notes for the result.</returns>
    /// <exception cref="DbSafetyException"><c>DBS341</c> it has logical slots, and that was not accepted.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection maintenance, string database, string kept, bool allowSlotLoss, IOperationEvents events, CancellationToken ct)
    {
        var slots = LiveSlots.Notes(await LiveSlots.CheckAsync(maintenance, database, database, allowSlotLoss, ct), database, kept).ToList();
        slots.ForEach(events.Warning);
        var subscriptions = await maintenance.ListAsync(
            "SELECT s.subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 AND s.subenabled ORDER BY 1",
            r => $"the subscription {SqlName.Display(r.GetString(0))} is disabled before the swap and stays with {kept}: rows that it received after the backup are only there",
            ct,
            database);
        subscriptions.ForEach(events.Information);
        return [.. slots, .. subscriptions];
    }
}
