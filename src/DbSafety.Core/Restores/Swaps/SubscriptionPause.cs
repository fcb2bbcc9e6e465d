using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Replication;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// Disables the live database's subscriptions before a swap. Otherwise their workers would continue in the retained copy: rows that the publisher
/// commits after the swap would be applied there, confirmed to its slot, and never reach the live database.
/// </summary>
internal static class SubscriptionPause
{
    /// <summary>The time in a mark that exists only for the disabled subscriptions: a database without an earlier mark must not keep it.</summary>
    private static readonly DateTimeOffset NoMark = DateTimeOffset.MinValue;

    /// <summary>Swaps with the subscriptions disabled. If the swap fails they are enabled again; if the run is killed, the next one does that.</summary>
    /// <returns>How long the name was unavailable, and notes about the subscriptions.</returns>
    public static async Task<(TimeSpan Swap, IReadOnlyList<string> Notes)> SwapAsync(SwapRequest request, IOperationEvents events, CancellationToken ct)
    {
        await using var maintenance = await request.Server.OpenMaintenanceAsync(ct, "dbsafety swap", request.Current, request.Next, request.Kept);
        await RecoverAsync(maintenance, request.Server.On(request.Current), events, ct);
        var live = await OidAsync(maintenance, request.Current, ct);
        var enabled = (await SubscriptionRemoval.ListAsync(maintenance, live)).Where(s => s.Enabled).Select(s => s.Name).ToList();
        if (enabled.Count == 0)
            return (await DatabaseSwap.RunAsync(request, events, ct), []);

        // The subscriptions to enable again are recorded first, on the database that replaces the live database.
        await RememberAsync(maintenance, request, enabled, ct);
        var notes = new List<string>();
        try
        {
            foreach (var name in enabled)
                notes.Add(await DisableAsync(request, name, events, ct));
            StepPoint.Reach("swap: subscriptions disabled");
            return (await DatabaseSwap.RunAsync(request, events, ct), notes);
        }
        catch
        {
            await RecoverAfterAsync(request, events);
            throw;
        }
    }

    /// <summary>Enables the subscriptions that a run disabled for a swap that was not committed. A committed swap removed the mark.</summary>
    public static async Task RecoverAsync(NpgsqlConnection maintenance, DatabaseTarget live, IOperationEvents events, CancellationToken ct)
    {
        foreach (var marked in (await RetainedDatabases.InventoryAsync(maintenance, live.Database, ct)).All)
        {
            if (marked.Mark is not { DisabledSubscriptions: { Count: > 0 } names } mark)
                continue;
            // Only the database that the swap was to replace is changed; subscriptions of a different database are not ours.
            if (await OidOrNullAsync(maintenance, live.Database, ct) == mark.DisabledIn)
            {
                foreach (var name in names)
                    await EnableAsync(live, name, events);
            }

            if (mark.At == NoMark)
                await RetainedDatabases.UnmarkAsync(maintenance, marked.Name, ct);
            else
                await RetainedDatabases.MarkNewAsync(maintenance, marked.Name, mark with { DisabledSubscriptions = null, DisabledIn = null }, ct);
        }
    }

    private static async Task RecoverAfterAsync(SwapRequest request, IOperationEvents events)
    {
        try
        {
            await using var maintenance = await request.Server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety swap", request.Current, request.Next, request.Kept);
            await RecoverAsync(maintenance, request.Server.On(request.Current), events, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Warning($"the subscriptions of {request.Current} that were disabled for the swap are still disabled; the next restore or migration enables them: {e.Message}");
        }
    }

    private static async Task RememberAsync(NpgsqlConnection maintenance, SwapRequest request, IReadOnlyList<string> names, CancellationToken ct)
    {
        var next = (await RetainedDatabases.InventoryAsync(maintenance, request.Current, ct)).All.FirstOrDefault(k => k.Name == request.Next);
        var live = await OidAsync(maintenance, request.Current, ct);
        var mark = next?.Mark ?? new DatabaseMark { Kind = MarkKind.Before, Of = request.Current, Oid = 0, By = MarkedBy.Restore, At = NoMark };
        await RetainedDatabases.MarkNewAsync(maintenance, request.Next, mark with { DisabledSubscriptions = names, DisabledIn = live }, ct);
    }

    /// <returns>Notes about it for the result.</returns>
    private static async Task<string> DisableAsync(SwapRequest request, string name, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            await using var connection = await request.Server.On(request.Current).OpenAsync(ct, "dbsafety swap");
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {SqlName.Quote(name)} DISABLE", ct);
            return $"the subscription {SqlName.Display(name)} of {request.Kept} was disabled before the swap: it has received what the publisher committed until then, and its slot keeps later changes";
        }
        catch (PostgresException e)
        {
            var still = $"the subscription {SqlName.Display(name)} could not be disabled ({e.MessageText}): it stays enabled in {request.Kept}, which receives the changes that the publisher commits from now on; run ALTER SUBSCRIPTION {SqlName.Quote(name)} DISABLE there";
            events.Warning(still);
            return still;
        }
    }

    private static async Task EnableAsync(DatabaseTarget live, string name, IOperationEvents events)
    {
        var statement = $"ALTER SUBSCRIPTION {SqlName.Quote(name)} ENABLE";
        try
        {
            await using var connection = await live.OpenAsync(CancellationToken.None, "dbsafety swap");
            if (!await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subname = $1 AND NOT s.subenabled)",
                CancellationToken.None,
                name))
                return;
            await connection.ExecuteAsync(statement, CancellationToken.None);
            events.Information($"enabled the subscription {SqlName.Display(name)} of {live.Database} again, which was disabled for a swap that was not committed");
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Warning($"the subscription {SqlName.Display(name)} of {live.Database} was disabled for a swap that was not committed, and could not be enabled again ({statement}): {(e is PostgresException p ? p.MessageText : e.Message)}");
        }
    }

    private static async Task<uint> OidAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) => await OidOrNullAsync(maintenance, database, ct) ?? 0;

    private static async Task<uint?> OidOrNullAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        await maintenance.ListAsync("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", r => r.GetFieldValue<uint>(0), ct, database) is [var oid] ? oid : null;
}
