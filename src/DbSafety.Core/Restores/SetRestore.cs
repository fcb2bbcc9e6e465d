using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Restores a set into a new database and compares the result with the manifest.</summary>
internal static class SetRestore
{
    /// <summary>How many definitions that differ from the backup's are named.</summary>
    private const int MostDefinitions = 10;

    /// <summary>
    /// Creates <paramref name="database"/>, which must not exist, restores into it and verifies it. On any failure it is dropped again.
    /// </summary>
    /// <param name="mark">What the new database is, on a server that others use; null on a temporary server.</param>
    /// <param name="live">The database that it replaces; null: none.</param>
    /// <exception cref="DbSafetyException"><c>DBS301</c> it is not what was backed up; <c>DBS112</c> the tool failed; and the errors of creating a database.</exception>
    public static async Task<RestoredSet> RestoreAsync(PgBackup backup, DatabaseTarget database, IOperationEvents events, CancellationToken ct, RestoreOptions? options = null, DatabaseMark? mark = null, DatabaseProperties? live = null)
    {
        options ??= new RestoreOptions();
        await using var maintenance = await database.OpenMaintenanceAsync(ct, "dbsafety restore");
        database = await FillSettings.WithRoleAsync(database, maintenance, ct);
        var created = await DatabaseCreation.CreateAsync(maintenance, database.Database, backup.Manifest.Properties, ct, mark, live ?? backup.Foreign?.OtherLocale);
        try
        {
            StepPoint.Reach("restore: database created");
            if (mark is not null)
                await RetainedDatabases.MarkNewAsync(maintenance, database.Database, mark, ct);
            StepPoint.Reach("restore: database marked");
            events.Progress($"Restoring {backup.Database}", $"into {database.Database}");
            await ContentSettings.ApplyAsync(maintenance, database, backup.Manifest.Properties, ct);
            PgFingerprint? counted = null;
            var filled = await FillAsync(backup, database, maintenance.PostgreSqlVersion.Major, options, events, async token => counted = await CountAsync(backup, database, events, token), ct);
            List<DumpedSubscription> subscriptions = [.. filled.Subscriptions, .. await TakeSubscriptionsAsync(database, ct)];
            StepPoint.Reach("restore: database filled");
            events.Progress($"Restoring {backup.Database}", "gathering statistics");
            await StatisticsGathering.RunAsync(database, SearchPath.Of(backup.Manifest.SearchPaths, backup.Manifest.Properties), events, ct);
            var notes = await VerifyAsync(backup, counted!, database, options, ct);
            await ContentSettings.ResetAsync(maintenance, database, backup.Manifest.Properties, ct);
            return new RestoredSet([.. created, .. filled.Notes, .. notes], subscriptions, mark is null ? [] : await NamedViews.ReadAsync(database, ct));
        }
        catch (Exception e)
        {
            await DatabaseDrop.OrWarnAsync(database, events);
            if (e is NpgsqlException)
            {
                ct.ThrowIfCancellationRequested();
                throw PgSession.Translate(e, database);
            }

            throw;
        }
    }

    private static async Task<IReadOnlyList<DumpedSubscription>> TakeSubscriptionsAsync(DatabaseTarget database, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        return await DumpedSubscription.TakeFromAsync(connection, ct);
    }

    /// <returns>Notes about it, and the subscriptions of the set that were left out.</returns>
    private static async Task<RestoredSet> FillAsync(PgBackup backup, DatabaseTarget database, int major, RestoreOptions options, IOperationEvents events, Func<CancellationToken, Task> count, CancellationToken ct)
    {
        if (backup.Foreign is not null)
        {
            return await ForeignFill.RunAsync(backup, database, major, options, events, count, ct);
        }

        if (backup.Manifest.Format == BackupFormat.Plain)
        {
            return await ScriptFill.RunAsync(backup, database, major, options.NoOwner, events, count, ct);
        }

        var dumpMajor = int.Parse(backup.Manifest.Source.PgDumpVersion.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
        var pgRestore = await TargetTools.FindAsync("pg_restore", dumpMajor, database, ct, preferred: major);
        var run = await PgRestoreRun.ForAsync(database, pgRestore, options, events, ct);
        var subscriptions = await new ArchiveFill(backup, database, run, options, events, count).RunAsync(ct);
        return new RestoredSet(run.Notes, subscriptions);
    }

    /// <summary>Counts what was restored, before privileges, materialized views and event triggers: an owner can have revoked its own SELECT privilege, and populating a view can write.</summary>
    private static async Task<PgFingerprint> CountAsync(PgBackup backup, DatabaseTarget database, IOperationEvents events, CancellationToken ct)
    {
        events.Progress($"Restoring {backup.Database}", "comparing with the manifest");
        var manifest = backup.Manifest;
        return await ForcedRowSecurity.LiftedAsync(
            database,
            _ => FingerprintReader.ReadAsync(database, manifest.Tables.Any(t => t.Checksum is not null), manifest.SchemaHashVersion ?? SchemaHash.Version, ct, SearchPath.Of(manifest.SearchPaths, manifest.Properties)),
            ct);
    }

    /// <param name="counted">Before privileges were granted.</param>
    private static async Task<IReadOnlyList<string>> VerifyAsync(PgBackup backup, PgFingerprint counted, DatabaseTarget database, RestoreOptions options, CancellationToken ct)
    {
        if (backup.Foreign is not null)
            return ForeignFill.Verify(backup, counted, options);
        var manifest = backup.Manifest;
        var found = await FingerprintReader.WithDefinitionsAsync(counted, database, ct);
        var differences = RestoredCounts.Differences(manifest, found, options, "the backup", out var added, out var more);
        // Definitions without data create tables that are empty, and that the manifest does not count.
        differences.AddRange(added.Where(t => manifest.Scope is not { SchemaOnly: true } || t.Rows > 0).Select(t => $"{t} is not in the backup"));
        differences.AddRange(RestoredCounts.SequenceDifferences(manifest, found, options));
        if (manifest.LargeObjects != found.LargeObjects && options.Tables.Count == 0)
            differences.Add($"{manifest.LargeObjects:N0} large objects in the backup, {found.LargeObjects:N0} in the restored database");
        List<DefinitionDifference> Objects(PgFingerprint there) =>
            options.Tables.Count == 0 && manifest is { LargeObjects: > 0, LargeObjectDefinitions: { } saved } ? [.. LargeObjectComparison.Compare(saved, there.LargeObjectDefinitions!)] : [];
        differences.AddRange(Objects(counted).Where(IsLoss).Select(d => d.ToString()));
        if (differences.Count > 0)
            throw ErrorCatalogue.RestoreMismatch.For(manifest.Database, string.Join("; ", differences));
        List<string> notes = [.. manifest.NotProven.Select(n => $"not proven: {n}"), .. more];
        // The options determine their owners and grantees.
        if (options.IsDefault)
            notes.AddRange(Noted(Objects(found).Where(o => !IsLoss(o)), "the large object"));
        if (manifest.Scope is { } scope)
            notes.Add($"this is only a part of {manifest.Database} ({scope}); its definitions were not compared");
        else if (found.ServerMajor != manifest.Source.ServerMajor)
            notes.Add($"definitions were not compared: PostgreSQL {found.ServerMajor} prints them differently than {manifest.Source.ServerMajor}");
        else if (found.SchemaHashVersion != (manifest.SchemaHashVersion ?? SchemaHash.Version))
            notes.Add($"definitions were not compared: version {manifest.SchemaHashVersion} of their hash is from a newer DbSafety");
        else if (found.SchemaHash != manifest.SchemaHash && options.IsDefault)
            notes.AddRange(DefinitionNotes(manifest, found, options));
        return notes;
    }

    private static IEnumerable<string> DefinitionNotes(BackupManifest manifest, PgFingerprint found, RestoreOptions options)
    {
        if (manifest.Definitions is null || found.Definitions is null)
            return ["the hash of the definitions differs from the backup's; every object was restored without an error, but compare the definitions before you use the database"];
        // Subscriptions are created after the restore, and without other servers materialized views of foreign tables stay empty.
        var differences = DefinitionComparison.Compare(SchemaDefinitions.Decode(manifest.Definitions), SchemaDefinitions.Decode(found.Definitions))
            .Where(d => !d.Object.StartsWith("subscription ", StringComparison.Ordinal) && !(options.ReachesNone && d.Property == "populated")
                && !(options.DisablesExtensions && d.Object.StartsWith("foreign-data wrapper ", StringComparison.Ordinal))).ToList();
        return Noted(differences, "the definition");
    }

    private static bool IsLoss(DefinitionDifference largeObject) => largeObject.Kind != DifferenceKind.Changed || largeObject.Property == LargeObjectReader.Contents;

    private static IEnumerable<string> Noted(IEnumerable<DefinitionDifference> differences, string what)
    {
        var all = differences.ToList();
        var words = all.Take(MostDefinitions).Select(d => $"{what} differs from the backup's: {d}");
        return all.Count <= MostDefinitions ? words : [.. words, $"{all.Count - MostDefinitions:N0} more {what.Split(' ', 2)[1]}s differ from the backup's"];
    }
}
