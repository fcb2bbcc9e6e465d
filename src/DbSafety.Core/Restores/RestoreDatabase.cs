using System.Diagnostics;
using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Filling;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Restores a set beside the live database, verifies it, swaps the two, and keeps the old one.</summary>
public sealed class RestoreDatabase : IOperation<RestoreRequest, PgRestore>
{
    /// <inheritdoc/>
    public async Task<PgRestore> RunAsync(RestoreRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (target, clock) = (request.Target, Stopwatch.StartNew());
        var (backup, proof) = await FindAsync(request.Set, events, ct);
        using var hold = SetHold.Read(backup);
        try
        {
            await using var guard = await BesideAsync(proof, ServerLock.TakeAsync(target, "restore", ct));
            (backup, var live, var roles, var now) = await BesideAsync(proof, CheckAsync(backup, request, guard.Connection, events, ct));
            // Up to here the server was only asked, and nothing happens on it before the set is proven.
            await proof;
            var result = Describe(backup, target, live is null || request.InPlaceBackup is not null ? null : KeptDatabases.BeforeName(target.Database, now));
            if (roles is not null)
                result = result with { Notes = await roles.RunAsync(guard.Connection, target.Server, keep: !request.WhatIf, ct) };
            if (request.WhatIf)
                return result with { WhatIf = true };
            if (request.InPlaceBackup is { } folder)
            {
                var said = await InPlaceRestore.RunAsync(backup, request, folder, events, ct);
                return result with { Verified = true, Notes = [.. result.Notes, .. said], Duration = clock.Elapsed };
            }

            await LeftOvers.SweepAsync(guard.Connection, target.Database, events, ct);
            var fresh = target.On(KeptDatabases.RestoringName(target.Database, now));
            var notes = await SetRestore.RestoreAsync(backup, fresh, events, ct, request.Options);
            // The live database's owner, grants and settings are what its users count on; the backup's serve where there is none.
            var (more, swap) = await PublishAsync(guard.Connection, target, fresh.Database, live ?? Properties(backup, request), result.KeptAs, request.Condition, events, ct);
            if (request.KeepFor is { } keepFor)
                await AfterSwap.TryAsync("dropping older retained databases", events, () => DropKeptAsync(guard.Connection, target.Database, now - keepFor, result.KeptAs, events, ct));
            return result with
            {
                Verified = true,
                Notes = [.. result.Notes, .. notes, .. more],
                KeptBytes = result.KeptAs is { } kept ? await AfterSwap.SizeAsync(guard.Connection, kept, events, ct) : null,
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

    /// <summary>
    /// The set, and the proof that it is byte for byte the one that was published, under way; its rows were counted in it then, and are
    /// counted on the server afterwards.
    /// </summary>
    private static async Task<(PgBackup Backup, Task Proof)> FindAsync(string path, IOperationEvents events, CancellationToken ct)
    {
        if (SetFiles.IsForeign(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))))
        {
            // What others made has no hashes to hold it against: its structure is read to the end, and its rows are counted.
            var (foreign, test) = await TestBackup.ReadSetAsync(new BackupTestRequest(path), events, ct);
            return (foreign ?? throw ErrorCatalogue.BackupDamaged.For(path, string.Join("; ", test.Problems)), Task.CompletedTask);
        }

        var backup = SetFiles.Find(path);
        var problems = SetFiles.Problems(backup).ToList();
        return problems.Count == 0 ? (backup, ProveAsync(backup, path, events, ct)) : throw ErrorCatalogue.BackupDamaged.For(path, string.Join("; ", problems));
    }

    private static async Task ProveAsync(PgBackup backup, string path, IOperationEvents events, CancellationToken ct)
    {
        if (await SetFiles.ChangedAsync(backup, events, ct) is { Count: > 0 } changed)
            throw ErrorCatalogue.BackupDamaged.For(path, string.Join("; ", changed));
    }

    /// <summary>What is done while the set is being proven: when both fail, it is the damage that is said.</summary>
    private static async Task<T> BesideAsync<T>(Task proof, Task<T> work)
    {
        try
        {
            return await work;
        }
        catch
        {
            await proof;
            throw;
        }
    }

    private static async Task<(PgBackup Backup, DatabaseProperties? Live, RoleCreation? Roles, DateTimeOffset Now)> CheckAsync(
        PgBackup backup, RestoreRequest request, NpgsqlConnection maintenance, IOperationEvents events, CancellationToken ct)
    {
        var target = request.Target;
        var live = await PropertiesAsync(maintenance, target.Database, ct);
        if (backup.Foreign is not null)
            backup = await ForeignFill.FitAsync(backup, target.Database, live, maintenance, ct);
        var roles = await RestoreChecks.RunAsync(backup, request, maintenance, ct);
        RefusePart(backup, request, live is not null);
        RestoreChecks.RefuseExcerpt(backup, target, isLive: live is not null, request.AllowExcerpt);
        if (request.InPlaceBackup is not null && live is null)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, $"there is no database {target.Database}");
        (await RestoreRoom.JudgeAsync(maintenance, target, backup, request.Options, ct)).Settle(events);
        return (backup, live, roles, await KeptDatabases.FreeTimeAsync(maintenance, target.Database, ct));
    }

    /// <summary>A part never takes the place of a whole.</summary>
    private static void RefusePart(PgBackup backup, RestoreRequest request, bool isLive)
    {
        if (request.Options.Tables.Count == 0)
            return;
        if (isLive)
            throw ErrorCatalogue.PartOverLive.For(request.Target.Database);
        var wrong = request.Options.Tables.FirstOrDefault(wanted => !backup.Manifest.Tables.Any(t => new RestoreOptions { Tables = [wanted] }.Wants(t.Schema, t.Name)));
        if (wrong is not null)
            throw ErrorCatalogue.TableNotInBackup.For(wrong, string.Join(", ", backup.Manifest.Tables));
    }

    private static DatabaseProperties Properties(PgBackup backup, RestoreRequest request)
    {
        var (properties, options) = (backup.Manifest.Properties, request.Options);
        if (options.NoOwner)
            return properties with { Owner = request.Target.Username, Grants = null, Settings = [.. properties.Settings.Where(s => s.Role is null)] };
        return properties with
        {
            Owner = options.RoleOf(properties.Owner),
            Grants = properties.Grants?.Select(g => g with { Grantee = g.Grantee is null ? null : options.RoleOf(g.Grantee) }).ToList(),
            Settings = [.. properties.Settings.Select(s => s with { Role = s.Role is null ? null : options.RoleOf(s.Role) })],
        };
    }

    private static async Task<int> DropKeptAsync(NpgsqlConnection maintenance, string database, DateTimeOffset before, string? justKept, IOperationEvents events, CancellationToken ct)
    {
        var older = (await KeptDatabases.FindAsync(maintenance, database, ct)).Where(k => k.KeptAt < before && k.Name != justKept).ToList();
        foreach (var kept in older)
        {
            await SetRestore.DropAsync(maintenance, kept.Name, events);
            events.Information($"dropped {kept.Name}, kept since {kept.KeptAt:yyyy-MM-dd HH:mm}Z");
        }

        return older.Count;
    }

    private static PgRestore Describe(PgBackup backup, DatabaseTarget target, string? keptAs) => new()
    {
        Server = target.Server,
        Database = target.Database,
        Backup = backup.Path,
        KeptAs = keptAs,
        Tables = backup.Tables,
        Rows = backup.Rows,
    };

    private static async Task<DatabaseProperties?> PropertiesAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1)", ct, database)
            ? await SourceReader.PropertiesAsync(connection, database, ct)
            : null;

    /// <summary>Dresses the new database and gives it its name; when that fails it is dropped and the live one is as it was.</summary>
    private static async Task<(IReadOnlyList<string> Notes, TimeSpan Swap)> PublishAsync(
        NpgsqlConnection maintenance, DatabaseTarget target, string fresh, DatabaseProperties dress, string? keptAs, ISwapCondition? condition, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            var notes = await DatabaseCreation.DressAsync(maintenance, fresh, dress, ct);
            if (keptAs is not null)
            {
                var swap = await DatabaseSwap.RunAsync(new SwapRequest(target, target.Database, fresh, keptAs) { Condition = condition }, events, ct);
                var left = await AfterSwap.TryAsync("looking for replication slots and subscriptions", events, () => LeftBehindAsync(maintenance, target.Database, keptAs, ct));
                return ([.. notes, .. left ?? []], swap);
            }

            await maintenance.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(fresh)} RENAME TO {SqlName.Quote(target.Database)}", ct);
            return (notes, TimeSpan.Zero);
        }
        catch (Exception e) when (e is not DbSafetyException { Definition.Code: "DBS331" })
        {
            // Where it is not known which database has which name, none is dropped.
            await SetRestore.DropAsync(maintenance, fresh, events);
            throw;
        }
    }

    /// <summary>Subscriptions and logical slots stay with the old database: they are named with what to do.</summary>
    private static async Task<IReadOnlyList<string>> LeftBehindAsync(NpgsqlConnection maintenance, string database, string keptAs, CancellationToken ct)
    {
        var slots = await maintenance.ListAsync(
            "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE database = $1",
            r => $"the logical slot {r.GetString(0)} still belongs to {keptAs}: make it anew on {database} and let its consumer begin again",
            ct,
            keptAs);
        var subscriptions = await maintenance.ListAsync(
            "SELECT s.subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1",
            r => $"the subscription {r.GetString(0)} still runs in {keptAs}: disable it there before enabling it on {database}",
            ct,
            keptAs);
        return [.. slots, .. subscriptions];
    }
}
