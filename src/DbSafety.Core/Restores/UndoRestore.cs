using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Swaps the newest kept database back; the one that was restored is kept in its turn.</summary>
public sealed class UndoRestore : IOperation<UndoRestoreRequest, PgRestore>
{
    /// <inheritdoc/>
    public async Task<PgRestore> RunAsync(UndoRestoreRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (target, clock) = (request.Target, Stopwatch.StartNew());
        try
        {
            await using var guard = await ServerLock.TakeAsync(target, "undo", ct);
            if (await KeptDatabases.FindAsync(guard.Connection, target.Database, ct) is not [var kept, ..])
                throw ErrorCatalogue.NothingToUndo.For(target.Database);
            await RestoreChecks.CheckRightsAsync(target, guard.Connection, ct);
            var aside = KeptDatabases.UndoneName(target.Database, DateTimeOffset.UtcNow);
            if (request.WhatIf)
                return new PgRestore { Server = target.Server, Database = target.Database, KeptAs = aside, WhatIf = true, Notes = [$"{kept.Name} would become {target.Database} again"] };

            var swap = await DatabaseSwap.RunAsync(new SwapRequest(target, target.Database, kept.Name, aside), events, ct);
            var fingerprint = await FingerprintReader.ReadAsync(target, ct);
            return new PgRestore
            {
                Server = target.Server,
                Database = target.Database,
                KeptAs = aside,
                KeptBytes = await guard.Connection.ScalarAsync<long>("SELECT pg_catalog.pg_database_size($1::name)", ct, aside),
                Tables = fingerprint.Tables.Count,
                Rows = fingerprint.Rows,
                Notes = [$"{kept.Name} is {target.Database} again"],
                SwapDuration = swap,
                Duration = clock.Elapsed,
            };
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, target);
        }
    }
}
