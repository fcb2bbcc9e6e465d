using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools.Isolation;

namespace DbSafety.Restores;

/// <summary>
/// Tests a set, restores it on a temporary server of its major version with the same steps as a real restore, and compares the result with
/// the manifest. The server is removed afterwards; no other server is changed.
/// </summary>
public sealed class DrillBackup : IOperation<BackupTestRequest, PgBackupTest>
{
    /// <summary>What the temporary server lacks does not show that the set is damaged.</summary>
    private static readonly ErrorDefinition[] NotTheSets =
    [
        ErrorCatalogue.ExtensionsMissing, ErrorCatalogue.LocaleMissing, ErrorCatalogue.TablespacesMissing, ErrorCatalogue.RolesMissing, ErrorCatalogue.NotEnoughSpace, ErrorCatalogue.DiskFull,
        ErrorCatalogue.ServerOlder, ErrorCatalogue.RowsWithoutDefinitions,
    ];

    /// <inheritdoc/>
    /// <remarks>What cannot be restored is a result with problems. <c>DBS225</c> restoring it needs another server; <c>DBS510</c> there is no server for the drill; <c>DBS302</c>, <c>DBS303</c>, <c>DBS307</c>, <c>DBS312</c> the temporary server lacks what the set needs.</remarks>
    public Task<PgBackupTest> RunAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct) =>
        TestBackup.RecordAsync(request, events, e => DrillAsync(request, e, ct));

    private static async Task<PgBackupTest> DrillAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (backup, test) = await TestBackup.ReadSetAsync(request, events, ct);
        if (backup is null)
            return test;
        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync(backup, new WithinEvents(events, $"Drilling {backup.Database}"), ct);
        var disables = server.NotIsolatedBecause is not null && backup.Foreign is null && backup.Manifest.Format != BackupFormat.Plain;
        if (server.NotIsolatedBecause is { } why)
            events.Warning($"the drill runs on a server that is not isolated ({why}): functions of the backup can connect to other servers while it is restored{(disables ? ", except with dblink, http and foreign-data wrappers, which are disabled" : "")}");
        var (source, notes, problems, isDamaged) = (backup.Manifest.Source.ServerMajor, new List<string>(), new List<string>(), false);
        if (source > 0 && server.Major != source)
            notes.Add($"the dump is from PostgreSQL {source}, which is not installed here: it was restored on PostgreSQL {server.Major}");
        await CreateRolesAsync(backup, server.Target, ct);
        foreach (var section in Sections(backup))
        {
            var name = section is null ? "" : section + ": ";
            var restore = new RestoreRequest(backup.Path, server.Target.On(NameOf(section ?? backup.Database)))
            {
                AllowExcerpt = true,
                AnyLocale = true,
                Globals = backup.Manifest.Files.Any(f => f.Path.EndsWith(".globals.sql", StringComparison.Ordinal)),
                Section = section,
                // The roles of a dump of another tool are not available anywhere.
                Options = new RestoreOptions { NoOwner = backup.Foreign is not null, ReachesNone = true, DisablesExtensions = disables },
            };
            try
            {
                var done = await new RestoreDatabase().RunAsync(restore, new WithinEvents(events, $"Drilling {backup.Database}"), ct);
                // What the entire dump does not prove is in the test.
                notes.AddRange(done.Notes.Where(n => section is null || !test.NotProven.Contains(n.Replace("not proven: ", "", StringComparison.Ordinal))).Select(n => name + n));
            }
            catch (DbSafetyException e) when (DisabledExtensions.IsIn(e.Message) || (server.NotIsolatedBecause is null && NoServerResponse.IsIn(e.Message)))
            {
                throw ErrorCatalogue.DrillReaches.Because(e, backup.Path, e.Message);
            }
            // Its bytes and counts were right; only differences in the restored database show that its contents are wrong.
            catch (DbSafetyException e) when (!NotTheSets.Contains(e.Definition) && e.Kind != ErrorKind.Cancelled)
            {
                var differs = e.Kind == ErrorKind.Verification;
                isDamaged |= differs;
                problems.Add($"{name}{(differs ? "the drill failed: " : "")}{e.Message}");
            }
        }

        return test with { State = isDamaged ? BackupState.Damaged : test.State, DrilledOn = server.Description, DrillDuration = clock.Elapsed, Problems = problems, Notes = problems.Count > 0 ? [] : notes };
    }

    /// <summary>The databases of a plain dump of several that hold anything, each of which is restored; a null for what holds one.</summary>
    private static IReadOnlyList<string?> Sections(PgBackup backup)
    {
        if (backup.Foreign?.Content?.Plain is not { Named.Count: > 1 } plain)
            return [null];
        var filled = plain.Named.Where(s => s.Effective > 0).ToList();
        return [.. (filled.Count > 0 ? filled : plain.Named).Select(s => s.Database)];
    }

    private static string NameOf(string database) => database is "postgres" or "template1" ? database + "_drill" : database;

    /// <summary>A dump of another tool does not describe its roles; those that policies and user mappings name must exist.</summary>
    private static async Task CreateRolesAsync(PgBackup backup, DatabaseTarget server, CancellationToken ct)
    {
        if (backup.Foreign?.Content?.DefinitionRoles(null) is not { Count: > 0 } roles)
            return;
        await using var connection = await server.OpenMaintenanceAsync(ct, "dbsafety drill");
        var existing = await connection.ListAsync("SELECT rolname FROM pg_catalog.pg_roles", r => r.GetString(0), ct);
        foreach (var role in roles.Except(existing, StringComparer.Ordinal))
            await connection.ExecuteAsync($"CREATE ROLE {SqlName.Quote(role)}", ct);
    }

    /// <summary>Of the backup's version. Versions that are no longer packaged have dumps too: dumps of other tools are restored on a newer server if that version is not installed.</summary>
    private static async Task<IScratchPostgres> StartAsync(PgBackup backup, IOperationEvents events, CancellationToken ct)
    {
        var major = backup.Manifest.Source.ServerMajor;
        try
        {
            return await ScratchPostgres.StartAsync(major > 0 ? major : null, "the drill", new ScratchIsolation(), events, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.NoTemporaryServer && major > 0 && backup.Foreign is not null)
        {
            var newest = await ScratchPostgres.StartAsync(null, "the drill", new ScratchIsolation(), events, ct);
            if (newest.Major > major)
                return newest;
            await newest.DisposeAsync();
            throw;
        }
    }
}
