using System.Diagnostics;
using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Audit;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Replication;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Swaps a retained database in again, that of the last restore unless another is specified; the database that it replaces is retained.</summary>
public sealed class UndoRestore : IOperation<UndoRestoreRequest, PgRestore>
{
    /// <inheritdoc/>
    public Task<PgRestore> RunAsync(UndoRestoreRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.Log("restore undo") with { IsPlan = request.WhatIf }, events, e => UndoAsync(request, e, ct), r => r.Logged);

    private static async Task<PgRestore> UndoAsync(UndoRestoreRequest request, IOperationEvents events, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var (result, kept) = await SwapAsync(request, events, ct);
            // Counting takes as long as the tables are large; the lock, which would stop other runs, is released.
            return result.WhatIf ? result with { Notes = [.. result.Notes, .. await ChangesAsync(request.Target, kept, events, ct)] } : result with { Duration = clock.Elapsed };
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    /// <returns>The result or the plan, and the name of the retained database that was chosen.</returns>
    private static async Task<(PgRestore Result, string Kept)> SwapAsync(UndoRestoreRequest request, IOperationEvents events, CancellationToken ct)
    {
        var target = request.Target;
        await using var guard = await ServerLock.TakeAsync(target, "undo", ct);
        target = target with { Maintenance = guard.Connection.Database };
        var maintenance = guard.Connection;
        await SwapChecks.CheckWritableAsync(target, maintenance, ct);
        var live = await SwapChecks.ExistingOidAsync(maintenance, target, ct);
        var selection = new UndoSelection(request.Retained?.Name ?? request.To, request.Retained?.Oid, request.AllowUnmarked);
        var kept = UndoChoice.Choose(target.Database, live, await RetainedDatabases.InventoryAsync(maintenance, target.Database, ct), selection);
        if (!(await DatabaseOwners.TrustedAsync(maintenance, [(kept.Oid, live)], ct)).Contains(kept.Oid))
            throw ErrorCatalogue.RetainedByOther.For(target.Database, kept.Name, SqlName.Quote(kept.Name));
        await RestoreChecks.CheckSwapAsync(target, maintenance, ct);
        await SwapChecks.CheckDatabaseAsync(target, kept.Name, maintenance, ct);
        var now = await RetainedDatabases.FreeTimeAsync(maintenance, target.Database, ct);
        var aside = RetainedDatabases.UndoneName(target.Database, now);
        var plan = await ReplicationPlan.ReadAsync(maintenance, target.Database, aside, request.AllowSlotLoss, events, ct);
        if (request.WhatIf)
            return (new PgRestore { Server = target.Server, Database = target.Database, RetainedAs = aside, WhatIf = true, Notes = [$"{kept.Name} would become {target.Database} again", .. plan] }, kept.Name);
        StepPoint.Reach("undo: chosen");

        var marking = RetainedDatabases.Marking(target.Database, aside, new SwapPurpose(MarkKind.Undone, MarkedBy.Undo, now) { AllowSlotLoss = request.AllowSlotLoss, Chosen = kept });
        var (swap, more) = await SubscriptionPause.SwapAsync(new SwapRequest(target, target.Database, kept.Name, aside) { NextOid = kept.Oid, BeforeCommit = marking }, events, ct);
        StepPoint.Reach("undo: swapped");
        var fingerprint = await AfterSwap.TryAsync($"counting the rows of {target.Database}", events, async () => await IsOpenAsync(maintenance, target, ct) ? await FingerprintReader.ReadAsync(target, ct) : null);
        var result = new PgRestore
        {
            Server = target.Server,
            Database = target.Database,
            RetainedAs = aside,
            KeptBytes = await AfterSwap.SizeAsync(maintenance, aside, events, ct),
            Tables = fingerprint?.Tables.Count ?? 0,
            Rows = fingerprint?.Rows ?? 0,
            Notes = [$"{kept.Name} is {target.Database} again", .. plan, .. more, .. fingerprint is null ? ["its tables and rows were not counted"] : Array.Empty<string>()],
            Undo = UndoAdvice.Swap(target, aside, await AfterSwap.RetainedAtAsync(maintenance, aside, now, events, ct)),
            SwapDuration = swap,
        };
        return (result, kept.Name);
    }

    /// <summary>What an undo would change, counted in both databases; other sessions can write until the swap.</summary>
    private static async Task<IReadOnlyList<string>> ChangesAsync(DatabaseTarget live, string kept, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(live), ComparisonSide.Of(live.On(kept))), events, ct);
            return
            [
                .. difference.Tables.Select(t => $"{t}: {Rows(t.ReferenceRows)} now, {Rows(t.DifferenceRows)} after the undo"),
                difference.Tables.Count == 0 ? "the undo changes no row count; contents were not compared" : "row counts of other tables are the same; contents were not compared",
                .. difference.DefinitionsDiffer == true ? ["definitions differ"] : Array.Empty<string>(),
            ];

            static string Rows(long? rows) => rows is null ? "no such table" : string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows");
        }
        catch (Exception e) when (e is DbSafetyException or NpgsqlException)
        {
            return [$"the two databases were not compared: {e.Message}"];
        }
    }

    private static Task<bool> IsOpenAsync(NpgsqlConnection maintenance, DatabaseTarget target, CancellationToken ct) =>
        maintenance.ScalarAsync<bool>("SELECT datallowconn FROM pg_catalog.pg_database WHERE datname = $1", ct, target.Database);
}

