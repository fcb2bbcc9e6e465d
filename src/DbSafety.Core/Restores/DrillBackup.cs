using System.Diagnostics;
using DbSafety.Backups;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Restores;

/// <summary>
/// Tests a set, restores it on a throwaway server of its major version just as it would be restored in earnest, and holds what came out against
/// the manifest. The server is gone afterwards; no other server is touched.
/// </summary>
public sealed class DrillBackup : IOperation<BackupTestRequest, PgBackupTest>
{
    /// <summary>What the throwaway server lacks says nothing about the set.</summary>
    private static readonly ErrorDefinition[] NotTheSets =
    [
        ErrorCatalogue.ExtensionsMissing, ErrorCatalogue.LocaleMissing, ErrorCatalogue.TablespacesMissing, ErrorCatalogue.RolesMissing, ErrorCatalogue.NoRoom, ErrorCatalogue.DiskFull,
        ErrorCatalogue.ServerOlder, ErrorCatalogue.RowsWithoutDefinitions,
    ];

    /// <inheritdoc/>
    /// <remarks>What cannot be restored is a result with problems. <c>DBS225</c> restoring it needs another server; <c>DBS510</c> there is nowhere to drill; <c>DBS302</c>, <c>DBS303</c>, <c>DBS307</c>, <c>DBS312</c> the throwaway server lacks what the set needs.</remarks>
    public async Task<PgBackupTest> RunAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (backup, test) = await TestBackup.ReadSetAsync(request, events, ct);
        if (backup is null)
            return test;
        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync(backup, new WithinEvents(events, $"Drilling {backup.Database}"), ct);
        var disables = server.NotIsolatedBecause is not null && backup.Foreign is null && backup.Manifest.Format != BackupFormat.Plain;
        if (server.NotIsolatedBecause is { } why)
            events.Warning($"the drill takes place on a server that is not isolated ({why}): what functions of the backup connect to while it is restored is reached{(disables ? ", except by dblink, http and foreign-data wrappers, which are disabled" : "")}");
        var restore = new RestoreRequest(backup.Path, server.Target.On(backup.Database is "postgres" or "template1" ? backup.Database + "_drill" : backup.Database))
        {
            AllowExcerpt = true,
            AnyLocale = true,
            Globals = backup.Manifest.Files.Any(f => f.Path.EndsWith(".globals.sql", StringComparison.Ordinal)),
            // The roles of what others made are nowhere to be had.
            Options = new RestoreOptions { NoOwner = backup.Foreign is not null, ReachesNone = true, DisablesExtensions = disables },
        };
        try
        {
            var done = await new RestoreDatabase().RunAsync(restore, new WithinEvents(events, $"Drilling {backup.Database}"), ct);
            var source = backup.Manifest.Source.ServerMajor;
            List<string> other = source > 0 && server.Major != source ? [$"the dump is of PostgreSQL {source}, of which there is no server here: it was restored on PostgreSQL {server.Major}"] : [];
            return test with { DrilledOn = server.Description, DrillDuration = clock.Elapsed, Notes = [.. other, .. done.Notes] };
        }
        catch (DbSafetyException e) when (DisabledExtensions.IsIn(e.Message) || (server.NotIsolatedBecause is null && NoAnswer.IsIn(e.Message)))
        {
            throw ErrorCatalogue.DrillReaches.Because(e, backup.Path, e.Message);
        }
        // Its bytes and counts were right; only what came out and differs says that it does not hold what it should.
        catch (DbSafetyException e) when (!NotTheSets.Contains(e.Definition) && e.Kind is not (ErrorKind.Cancelled or ErrorKind.Verification))
        {
            return test with { DrilledOn = server.Description, DrillDuration = clock.Elapsed, Problems = [e.Message] };
        }
        catch (DbSafetyException e) when (!NotTheSets.Contains(e.Definition) && e.Kind != ErrorKind.Cancelled)
        {
            return test with { State = BackupState.Damaged, DrilledOn = server.Description, DrillDuration = clock.Elapsed, Problems = [$"the drill failed: {e.Message}"] };
        }
    }

    /// <summary>Of the backup's version. Versions that are no longer packaged have dumps too: those of others are restored on a newer one where there is none.</summary>
    private static async Task<IScratchPostgres> StartAsync(PgBackup backup, IOperationEvents events, CancellationToken ct)
    {
        var major = backup.Manifest.Source.ServerMajor;
        try
        {
            return await ScratchPostgres.StartAsync(major > 0 ? major : null, "the drill", new ScratchIsolation(), events, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.NoThrowawayServer && major > 0 && backup.Foreign is not null)
        {
            var newest = await ScratchPostgres.StartAsync(null, "the drill", new ScratchIsolation(), events, ct);
            if (newest.Major > major)
                return newest;
            await newest.DisposeAsync();
            throw;
        }
    }
}
