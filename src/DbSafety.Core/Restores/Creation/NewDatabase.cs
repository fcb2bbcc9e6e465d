using System.Data;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>Renames a restored database, if no database has that name yet.</summary>
internal static class NewDatabase
{
    /// <exception cref="DbSafetyException"><c>DBS104</c>: it was not renamed. <c>DBS337</c>: the outcome is unknown.</exception>
    public static async Task PublishAsync(NpgsqlConnection maintenance, DatabaseTarget target, string fresh, IOperationEvents events, CancellationToken ct)
    {
        var name = target.Database;
        var oid = await SwapChecks.ExistingOidAsync(maintenance, target.On(fresh), ct);
        var backend = await ServerBackend.ReadAsync(maintenance, ct);
        await using var transaction = await maintenance.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        long id;
        try
        {
            await maintenance.ExecuteAsync(LostSession.LimitSql(SwapAttempt.IdleLimit), ct);
            id = await maintenance.ScalarAsync<long>("SELECT pg_catalog.txid_current()", ct);
            await maintenance.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(fresh)} RENAME TO {SqlName.Quote(name)}", ct);
            await RetainedDatabases.UnmarkAsync(maintenance, name, ct);
            StepPoint.Reach("restore: new database renamed");
            ct.ThrowIfCancellationRequested();
        }
        catch
        {
            await SwapAttempt.RollBackAsync(transaction);
            if (LostSession.IsLost(maintenance))
                await LostSession.EndOrWarnAsync(target, backend, SwapAttempt.IdleLimit, events, name, fresh);
            throw;
        }

        try
        {
            StepPoint.Reach("restore: before commit of the new name");
            await transaction.CommitAsync(CancellationToken.None);
            StepPoint.Reach("restore: new name committed");
        }
        catch (NpgsqlException e)
        {
            var lost = new LostCommit(target, [name, fresh], backend, id, TimeSpan.FromMinutes(1));
            var (isCommitted, problem) = await lost.ResolveAsync(
                async c => await SwapChecks.OidAsync(c, name, CancellationToken.None) == oid ? true : await SwapChecks.OidAsync(c, fresh, CancellationToken.None) == oid ? false : null, e, events);
            if (isCommitted is null)
                throw ErrorCatalogue.NewNameUnknown.Because(e, name, problem, oid, fresh);
            if (isCommitted == false)
                throw ErrorCatalogue.ConnectionLost.Because(e, target.Server, e.Message);
            events.Warning($"the connection was lost when the new database was renamed to {name}; a new connection shows that this was committed: {name} is the database with the OID {oid}");
        }
    }
}
