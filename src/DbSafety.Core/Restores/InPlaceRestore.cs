using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.InPlace;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// For roles without the CREATEDB privilege: the database is backed up, and then emptied, filled and counted in one transaction. Until that
/// commits, other sessions see the previous contents; if anything fails, these remain. The transaction locks out writers from before
/// the backup's snapshot to its commit, so every committed row is in the backup or in the database.
/// </summary>
internal static class InPlaceRestore
{
    /// <param name="folder">The folder for the backup of the previous contents.</param>
    /// <returns>The backup of the previous contents, and notes for the result.</returns>
    /// <exception cref="DbSafetyException"><c>DBS108</c>, <c>DBS133</c>, <c>DBS318</c>, <c>DBS324</c> to <c>DBS327</c>, and what the backup can raise.</exception>
    public static async Task<(PgBackup Before, IReadOnlyList<string> Notes)> RunAsync(PgBackup backup, RestoreRequest request, string folder, IOperationEvents events, CancellationToken ct)
    {
        Refuse(backup, request);
        await using var connection = await OpenAsync(request, ct);
        await CheckAsync(backup, request, connection, ct);
        using var run = new InPlaceRun(backup, request, folder, connection, events);
        var notes = await run.RunAsync(ct);
        return (run.Before!, [$"the previous contents are in {run.Before!.Path}", .. notes, .. run.Subscriptions.Select(s => $"the subscription {s} of the backup was not created: create it if its tables are to receive changes from the publisher"), .. await AfterAsync(run, ct), .. backup.Manifest.NotProven.Select(n => $"not proven: {n}")]);
    }

    /// <summary>What is checked before anything is locked or backed up.</summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    public static async Task CheckAsync(PgBackup backup, RestoreRequest request, CancellationToken ct)
    {
        Refuse(backup, request);
        await using var connection = await OpenAsync(request, ct);
        await CheckAsync(backup, request, connection, ct);
    }

    private static async Task CheckAsync(PgBackup backup, RestoreRequest request, NpgsqlConnection connection, CancellationToken ct)
    {
        var database = request.Target.Database;
        await DatabaseClearing.StatementsAsync(connection, database, ct);
        await ExtensionRows.CheckAsync(connection, backup, database, ct);
        await RefuseSubscriptionsAsync(connection, backup, ct);
        await WriterLocks.RefusePreparedAsync(connection, database, ct);
        await WriterLocks.CheckRoomAsync(connection, database, backup.Manifest.Tables.Count, ct);
    }

    private static void Refuse(PgBackup backup, RestoreRequest request)
    {
        if (backup.Manifest.LargeObjects > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "it holds large objects, whose restore commits before its end");
        if (backup.Manifest.Scope is not null || request.Options.Tables.Count > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "a part of a database cannot replace the contents of a database");
        if (backup.Foreign is { Kind: ForeignKind.Plain })
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "a script that DbSafety did not create can end the transaction of the restore");
        if (request.Options.RoleMap.Count > 0 || request.Options.SkipExtensions.Count > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "roles can be mapped and extensions left out only in a new database");
    }

    /// <summary>A subscription loses tables that are dropped, and skips the publisher's changes to the new tables of the same names.</summary>
    private static async Task RefuseSubscriptionsAsync(NpgsqlConnection connection, PgBackup backup, CancellationToken ct)
    {
        var subscriptions = await connection.ListAsync(
            "SELECT s.subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() ORDER BY 1",
            r => r.GetString(0), ct);
        if (subscriptions.Count > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, $"the database has the subscription {string.Join(", ", subscriptions)}, which would skip changes to tables that are dropped and created again");
    }

    /// <summary>A session for queries, without timeouts, regardless of the settings of the role and the database.</summary>
    private static async Task<NpgsqlConnection> OpenAsync(RestoreRequest request, CancellationToken ct)
    {
        var connection = await request.Target.OpenAsync(ct, "dbsafety restore");
        try
        {
            await InPlaceSettings.ApplyAsync(connection, request.LockTimeout, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The restore is committed: whatever fails from here on is a warning.</summary>
    private static async Task<IReadOnlyList<string>> AfterAsync(InPlaceRun run, CancellationToken ct)
    {
        var (notes, step) = (new List<string>(), "checking what other sessions created");
        try
        {
            await using var connection = await OpenAsync(run.Request, ct);
            if (run.Changes is { } changes)
            {
                changes = changes with { Connection = connection };
                var dangling = await changes.DanglingAsync(async sql => await connection.ListAsync(sql, r => r.GetBoolean(0), ct), ct);
                notes.AddRange(dangling.Select(d => $"another session created {d} while the restore committed, and it depends on an object that the restore dropped: check it"));
            }

            var added = (await TableCatalog.ReadAsync(connection, ct)).Tables.Where(t => t.Extension is null && !run.Backup.Manifest.Tables.Any(m => (m.Schema, m.Name) == (t.Schema, t.Name))).ToList();
            if (run.Backup.Foreign is null)
                notes.AddRange(added.Select(t => $"{SqlName.Display(t.Schema, t.Name)} is not in the backup: another session created it during the restore, and it was kept"));
            if (await FingerprintReader.LargeObjectsAsync(connection, ct) is > 0 and var objects)
                notes.Add($"{objects:N0} large objects that are not in the backup were kept");
            step = "looking for retained databases";
            if ((await RetainedDatabases.FindRetainedAsync(connection, run.Request.Target.Database, ct)).FirstOrDefault(k => k.Mark is not null) is { } earlier)
                notes.Add($"{Advice.Of($"restore undo")} does not undo this restore: it swaps in {earlier.Name}, which an earlier restore retained");
            step = "ANALYZE";
            StepPoint.Reach("in-place restore: before ANALYZE");
            await connection.ExecuteAsync("ANALYZE", ct);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or OperationCanceledException or InvalidOperationException)
        {
            run.Events.Warning($"{run.Request.Target.Database} was restored, but {step} failed: {e.Message}");
            notes.Add($"{step} failed after the restore: run ANALYZE to update the planner's statistics");
        }

        return notes;
    }
}
