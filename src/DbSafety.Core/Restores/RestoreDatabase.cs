using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Audit;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling;
using DbSafety.Restores.Replication;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Restores a set to a new database, verifies it, swaps it with the live database, and retains the previous database.</summary>
public sealed class RestoreDatabase : IOperation<RestoreRequest, PgRestore>
{
    /// <inheritdoc/>
    public Task<PgRestore> RunAsync(RestoreRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.Log("restore run") with { IsPlan = request.WhatIf }, events, e => RestoreAsync(request, e, ct), r => r.Logged);

    private static async Task<PgRestore> RestoreAsync(RestoreRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (target, clock) = (request.Target, Stopwatch.StartNew());
        var (backup, proof) = await FindAsync(request.Set, events, ct);
        using var hold = SetHold.Read(backup);
        try
        {
            await using var guard = await BesideAsync(proof, ServerLock.TakeAsync(target, "restore", ct));
            target = target with { Maintenance = guard.Connection.Database };
            (backup, var live, var roles, var now, var plan) = await BesideAsync(proof, CheckAsync(backup, request, guard.Connection, events, ct));
            // Up to here the server was only queried, and nothing is changed on it before the set is proven.
            await proof;
            var result = Describe(backup, request, target, live is null || request.InPlaceBackup is not null ? null : RetainedDatabases.BeforeName(target.Database, now));
            result = result with { Notes = plan };
            if (roles is not null)
                result = result with { Notes = [.. result.Notes, .. await roles.RunAsync(guard.Connection, target.Server, keep: !request.WhatIf, ct)] };
            if (request.WhatIf)
            {
                if (request.InPlaceBackup is not null)
                    await InPlaceRestore.CheckAsync(backup, request, ct);
                return result with { WhatIf = true };
            }

            if (request.InPlaceBackup is { } folder)
            {
                var (before, notes) = await InPlaceRestore.RunAsync(backup, request, folder, events, ct);
                return result with { Verified = true, Undo = UndoAdvice.RestoreInPlace(target, before.Path, before.SnapshotTime, Path.GetFullPath(folder)), Notes = [.. result.Notes, .. notes], Duration = clock.Elapsed };
            }

            await AbandonedObjects.RemoveAbandonedAsync(guard.Connection, target, events, ct);
            var fresh = target.On(RetainedDatabases.RestoringName(target.Database, now));
            var mark = await RetainedDatabases.NewMarkAsync(guard.Connection, target.Database, MarkKind.Restoring, request.By, now, ct);
            var restored = await SetRestore.RestoreAsync(backup, fresh, events, ct, request.Options, mark, live);
            // The live database's owner, grants and settings are what its users depend on; if it does not exist, the backup's are used.
            var (more, swap) = await PublishAsync(guard.Connection, request, fresh.Database, live ?? Properties(backup, request), result.RetainedAs, now, events, ct);
            var refreshed = await NamedViews.RefreshAsync(target, restored.NamedViews ?? [], events, ct);
            var subscriptions = await SubscriptionCreation.RunAsync(target, result.RetainedAs, restored.Subscriptions, events, ct);
            if (request.KeepFor is { } keepFor)
                await AfterSwap.TryAsync("dropping older retained databases", events, () => DropRetainedAsync(guard.Connection, target, keepFor, result.RetainedAs, events, ct));
            return result with
            {
                Verified = true,
                Notes = [.. result.Notes, .. restored.Notes, .. more, .. refreshed, .. subscriptions],
                Undo = result.RetainedAs is { } retained ? UndoAdvice.Swap(target, retained, await AfterSwap.RetainedAtAsync(guard.Connection, retained, now, events, ct)) : null,
                KeptBytes = result.RetainedAs is { } kept ? await AfterSwap.SizeAsync(guard.Connection, kept, events, ct) : null,
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
        if (SetFiles.IsForeign(SetFiles.FullPath(path)))
        {
            // A dump of another tool has no hashes to compare with: its structure is read to the end, and its rows are counted.
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

    /// <summary>What is done while the set is being proven: if both fail, the damage is reported.</summary>
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

    private static async Task<(PgBackup Backup, DatabaseProperties? Live, RoleCreation? Roles, DateTimeOffset Now, IReadOnlyList<string> Plan)> CheckAsync(
        PgBackup backup, RestoreRequest request, NpgsqlConnection maintenance, IOperationEvents events, CancellationToken ct)
    {
        var target = request.Target;
        var live = await PropertiesAsync(maintenance, target.Database, ct);
        if (backup.Foreign is not null)
            backup = await ForeignFill.FitAsync(backup, request, live, maintenance, ct);
        if (live is not null)
            backup = InTablespaceOf(backup, live);
        RefuseOther(backup, request, live is not null);
        if (live is not null)
            await ReplacedDatabase.WarnAsync(backup, target, maintenance, events, ct);
        var roles = await RestoreChecks.RunAsync(backup, request, maintenance, ct);
        RefusePart(backup, request, live is not null);
        RestoreChecks.RefuseExcerpt(backup, target, isLive: live is not null, request.AllowExcerpt);
        if (request.InPlaceBackup is not null && live is null)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, $"database {target.Database} does not exist");
        var now = await RetainedDatabases.FreeTimeAsync(maintenance, target.Database, ct);
        var isSwapped = live is not null && request.InPlaceBackup is null;
        List<string> plan = isSwapped ? [.. await ReplicationPlan.ReadAsync(maintenance, target.Database, RetainedDatabases.BeforeName(target.Database, now), request.AllowSlotLoss, events, ct)] : [];
        var space = await RestoreSpace.JudgeAsync(maintenance, target, backup, request.Options, ct);
        space.ThrowOrWarn(events);
        var cost = await RestoreCost.ReadAsync(maintenance, space.Likely, ct);
        cost.Report(events);
        if (request.WhatIf || cost.ReachesOthers)
            plan.AddRange(cost.Notes);
        if (request.WhatIf && await PastDuration.TextAsync(target, "restore run", $"restore of {target.Database}") is { } past)
            plan.Add(past);
        // What a foreign dump does not prove, or contains for other databases, is also reported before it is restored.
        if (request.WhatIf && backup.Foreign is not null)
            plan.AddRange(backup.Manifest.NotProven.Select(n => $"not proven: {n}"));
        if (backup.Manifest.Source.ServerMajor is var source && source > maintenance.PostgreSqlVersion.Major)
            plan.Add($"the dump is from PostgreSQL {source}, newer than this server's {maintenance.PostgreSqlVersion.Major}: the restore fails if the dump uses features that this server does not have");
        return (backup, live, roles, now, plan);
    }

    /// <summary>A set of another server is ordinary, one of another database a mistake. A script names its database if it connects to it.</summary>
    private static void RefuseOther(PgBackup backup, RestoreRequest request, bool isLive)
    {
        var database = backup.Foreign is { Kind: ForeignKind.Plain } script ? script.Section : backup.Database;
        if (isLive && !request.AllowOtherDatabase && database.Length > 0 && database != request.Target.Database)
            throw ErrorCatalogue.OtherDatabaseOverLive.For(request.Target.Database, database, request.Target.Server);
    }

    /// <summary>A part never replaces a complete database.</summary>
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
            Grants = properties.Grants?.Select(g => g with { Grantee = g.Grantee is null ? null : options.RoleOf(g.Grantee), Grantor = g.Grantor is null ? null : options.RoleOf(g.Grantor) }).ToList(),
            Settings = [.. properties.Settings.Select(s => s with { Role = s.Role is null ? null : options.RoleOf(s.Role) })],
        };
    }

    /// <summary>The tablespace is the live database's, like everything else that is not the data's own.</summary>
    private static PgBackup InTablespaceOf(PgBackup backup, DatabaseProperties live) =>
        backup with { Manifest = backup.Manifest with { Properties = backup.Manifest.Properties with { Tablespace = live.Tablespace } } };

    /// <summary>A database without a mark could be the user's own, and one that is not connected with the live database can be all that remains of it: both stay.</summary>
    private static async Task<int> DropRetainedAsync(NpgsqlConnection maintenance, DatabaseTarget target, TimeSpan keepFor, string? justRetained, IOperationEvents events, CancellationToken ct)
    {
        var dropped = 0;
        // By the server's clock: the time in the name can be ahead of it.
        var before = await RetainedDatabases.ClockAsync(maintenance, ct) - keepFor;
        foreach (var kept in (await RetainedDatabases.FindAsync(maintenance, target.Database, ct)).Where(k => k.RetainedAt < before && k.Name != justRetained))
        {
            if (kept.Mark is null)
            {
                events.Warning($"{kept.Name} was retained by an earlier version or is your own database; it is not dropped");
            }
            else if (!kept.PrecedesLive)
            {
                events.Warning($"{kept.Name} is not dropped by its age: {target.Database} was created again since, or a database that was retained after it was dropped; it can be the only copy of its rows");
            }
            else if (await new DatabaseDrop(target.On(kept.Name), kept.Oid, DropSessions.Keep) { OnlyRetained = true }.OrWarnAsync(events))
            {
                events.Information($"dropped {kept.Name}, retained since {kept.RetainedAt:yyyy-MM-dd HH:mm}Z");
                dropped++;
            }
        }

        return dropped;
    }

    private static PgRestore Describe(PgBackup backup, RestoreRequest request, DatabaseTarget target, string? retainedAs) => new()
    {
        Server = target.Server,
        Database = target.Database,
        Backup = backup.Path,
        Seal = backup.Logged.Seal,
        RetainedAs = retainedAs,
        Tables = backup.Manifest.Tables.Count(t => request.Options.Wants(t.Schema, t.Name)),
        Rows = backup.Manifest.Tables.Where(t => request.Options.Wants(t.Schema, t.Name)).Sum(t => t.Rows),
    };

    private static async Task<DatabaseProperties?> PropertiesAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1)", ct, database)
            ? await SourceReader.PropertiesAsync(connection, database, ct)
            : null;

    /// <summary>Sets the properties of the new database and renames it; if that fails, it is dropped and the live database is unchanged.</summary>
    private static async Task<(IReadOnlyList<string> Notes, TimeSpan Swap)> PublishAsync(
        NpgsqlConnection maintenance, RestoreRequest request, string fresh, DatabaseProperties dress, string? retainedAs, DateTimeOffset now, IOperationEvents events, CancellationToken ct)
    {
        var target = request.Target;
        try
        {
            var notes = await DatabaseCreation.DressAsync(maintenance, fresh, dress, ct);
            notes = [.. notes, .. await ContentSettings.LeaveOutUnloadableAsync(maintenance, target.On(fresh), dress, ct)];
            // From here on DbSafety connects to it only to create subscriptions, which cannot run in a database that is closed.
            if (dress.IsClosed == true)
            {
                await DatabaseCreation.CloseAsync(maintenance, fresh, ct);
                notes = [.. notes, $"{target.Database} does not accept connections, as before: ALTER DATABASE {SqlName.Quote(target.Database)} ALLOW_CONNECTIONS true"];
            }

            if (retainedAs is not null)
            {
                var purpose = new SwapPurpose(MarkKind.Before, request.By, now) { AllowSlotLoss = request.AllowSlotLoss };
                var marking = RetainedDatabases.Marking(target.Database, retainedAs, purpose);
                var (swap, more) = await SubscriptionPause.SwapAsync(new SwapRequest(target, target.Database, fresh, retainedAs) { Condition = request.Condition, BeforeCommit = marking }, events, ct);
                return ([.. notes, .. more], swap);
            }

            await NewDatabase.PublishAsync(maintenance, target, fresh, events, ct);
            return (notes, TimeSpan.Zero);
        }
        catch (Exception e) when (e is not DbSafetyException { Definition.Code: "DBS331" or "DBS337" })
        {
            // If the names of the databases are unknown, no database is dropped.
            await DatabaseDrop.OrWarnAsync(target.On(fresh), events);
            throw;
        }
    }
}
