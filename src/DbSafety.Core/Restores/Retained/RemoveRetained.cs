using DbSafety.Audit;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores.Retained;

/// <summary>A retained database to drop.</summary>
/// <param name="Retained">The database as it was listed: another database that has its name now is not dropped.</param>
/// <param name="Target">The connection to its server, regardless of the database.</param>
public sealed record RetainedDropRequest(PgRetainedDatabase Retained, DatabaseTarget Target);

/// <summary>
/// Drops a retained database under the lock that restores, undos and migrations of its original database take. It is not dropped if it no longer has its mark or
/// its name, or if a session is connected to it. It cannot be undone.
/// </summary>
public sealed class RemoveRetained : IOperation<RetainedDropRequest, PgRetainedDatabase>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS339</c>, <c>DBS343</c>: it was not dropped. <c>DBS344</c>: the outcome is unknown.</exception>
    public Task<PgRetainedDatabase> RunAsync(RetainedDropRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.On(request.Retained.Database).Log("retained remove"), events, _ => DropAsync(request, ct), d => new LogResult { Bytes = d.Bytes, Evidence = [$"dropped {d.Name}"] });

    private static async Task<PgRetainedDatabase> DropAsync(RetainedDropRequest request, CancellationToken ct)
    {
        var (planned, target) = (request.Retained, request.Target.On(request.Retained.Database));
        try
        {
            await using var guard = await ServerLock.TakeAsync(target, "remove retained", ct);
            target = target with { Maintenance = guard.Connection.Database };
            await SwapChecks.CheckWritableAsync(target, guard.Connection, ct);
            var now = (await ListRetained.ReadAsync(guard.Connection, target, ct)).FirstOrDefault(r => r.Oid == planned.Oid && r.Name == planned.Name)
                ?? throw ErrorCatalogue.RetainedChanged.For(planned.Name);
            StepPoint.Reach("remove retained: checked");
            return await new DatabaseDrop(target.On(now.Name), now.Oid, DropSessions.Keep) { OnlyRetained = true }.RunAsync() switch
            {
                DropResult.Dropped => now with { Undo = null },
                DropResult.Kept kept => throw ErrorCatalogue.RetainedNotDropped.For(now.Name, kept.Reason),
                DropResult.Unknown unknown => throw ErrorCatalogue.RetainedDropUnknown.For(now.Name, $"{unknown.Problem}; {unknown.Unseen}"),
                _ => throw ErrorCatalogue.RetainedChanged.For(planned.Name),
            };
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, target);
        }
    }
}
