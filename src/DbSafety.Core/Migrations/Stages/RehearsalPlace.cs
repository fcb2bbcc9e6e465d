using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Docker.Targets;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;
using DbSafety.Tools.Isolation;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>A copy of production, restored from its backup, that is dropped on dispose.</summary>
internal sealed class RehearsalPlace : IAsyncDisposable
{
    private readonly IScratchPostgres? server;
    private readonly IOperationEvents events;

    /// <param name="unread">If the copy is not isolated: code that could not be analysed.</param>
    private RehearsalPlace(IScratchPostgres? server, DatabaseTarget role, DatabaseTarget owner, string description, IReadOnlyList<string> unread, IOperationEvents events)
    {
        Isolation = server is { NotIsolatedBecause: null }
            ? "isolated (no access to the network or to other servers)"
            : $"{(server is null ? "which is the production server" : $"not isolated ({server.NotIsolatedBecause})")}: dblink, http and foreign servers are disabled on the copy; no other access to other servers, programs or files{(server is null ? " and no change to the entire server" : "")}"
                + $" was found in the scripts or in the database{(unread.Count == 0 ? "" : $"; not analysed: {string.Join("; ", unread)}")}";
        IsIsolated = server is { NotIsolatedBecause: null };
        this.server = server;
        this.events = events;
        (AsRole, AsOwner, Description) = (role, owner, description);
    }

    /// <summary>The copy with production's role, so that missing privileges are detected.</summary>
    public DatabaseTarget AsRole { get; }

    /// <summary>The copy with a role that can read everything.</summary>
    public DatabaseTarget AsOwner { get; }

    public string Description { get; }

    /// <summary>A description of how the copy is isolated.</summary>
    public string Isolation { get; }

    public bool IsIsolated { get; }

    /// <summary>The copy is a database on the production server, so code that can access the copy can also access production.</summary>
    public bool IsBesideProduction => server is null;

    /// <summary>Why the copy's server or one of its sessions terminated, from the server log; null if the log cannot be read.</summary>
    public async Task<string?> LastFatalAsync() => server is ScratchServer scratch ? await scratch.LastFatalAsync() : null;

    /// <exception cref="DbSafetyException"><c>DBS408</c> no copy can be created; <c>DBS451</c>, <c>DBS453</c>, <c>DBS460</c> access to other servers, programs or files cannot be prevented; <c>DBS464</c> restoring the copy would access them.</exception>
    public static async Task<RehearsalPlace> MakeAsync(SafeMigrationRun run, PgBackup backup, CancellationToken ct)
    {
        var reasons = new List<string>();
        var isolation = new ScratchIsolation { Superuser = ScratchIsolation.RandomSuperuser(), Hidden = await FoldersOfProductionAsync(run, ct) };
        foreach (var start in Servers(run, backup.Manifest.Source.ServerMajor, isolation))
        {
            try
            {
                return await OnScratchAsync(run, backup, await start(ct), ct);
            }
            catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ExtensionsMissing || e.Definition == ErrorCatalogue.LocaleMissing || IsAbsence(e))
            {
                reasons.Add(e.Message);
            }
        }

        return await BesideProductionAsync(run, backup, string.Join("; ", reasons), ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
            return;
        }

        await DatabaseDrop.OrWarnAsync(AsOwner, events);
    }

    /// <summary>
    /// The folders of production's sockets, from its configuration and from the connection, and its data directory, to which relative folders refer. Hiding those of a server on
    /// another machine has no effect. A role without pg_read_all_settings cannot read the configuration.
    /// </summary>
    public static async Task<IReadOnlyList<string>> FoldersOfProductionAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var settings = await run.Connection.ListAsync(
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('data_directory', 'unix_socket_directories') AND setting IS NOT NULL", r => (Name: r.GetString(0), Value: r.GetString(1)), ct);
        var data = settings.Where(s => s.Name == "data_directory").Select(s => s.Value).FirstOrDefault();
        var sockets = settings.Where(s => s.Name != "data_directory").SelectMany(s => s.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(f => data?.StartsWith('/') != true || f.StartsWith('@') ? f : Path.GetFullPath(f, data));
        return [.. sockets.Append(data).Append(run.Request.Target.Host).OfType<string>().Where(f => f.StartsWith('/')).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>In order of similarity to production: its own image, this machine's programs of the same major version, another image of that version.</summary>
    private static IEnumerable<Func<CancellationToken, Task<IScratchPostgres>>> Servers(SafeMigrationRun run, int major, ScratchIsolation isolation)
    {
        if (run.Request.Target.Place is ContainerPlace place)
        {
            yield return async ct =>
            {
                var (image, name) = await place.ImageAsync(ct);
                return await ScratchContainer.StartAsync(new ScratchContainerRequest { Image = image, ImageName = name, Major = major, Engine = place.Engine.Address, Username = isolation.Superuser, IsSealed = ScratchContainer.CanBeSealed }, run.Events, ct);
            };
        }

        yield return ct => ScratchPostgres.StartAsync(major, "the rehearsal", isolation, run.Events, ct);
    }

    private static bool IsAbsence(DbSafetyException e) =>
        e.Definition == ErrorCatalogue.NoTemporaryServer || e.Definition == ErrorCatalogue.ImageUnavailable || e.Definition == ErrorCatalogue.ScratchUnavailable
        || e.Definition == ErrorCatalogue.ContainerUnreachable;

    private static async Task<RehearsalPlace> OnScratchAsync(SafeMigrationRun run, PgBackup backup, IScratchPostgres server, CancellationToken ct)
    {
        var (target, manifest) = (run.Request.Target, backup.Manifest);
        try
        {
            var isIsolated = server.NotIsolatedBecause is null;
            var unread = isIsolated ? [] : await CheckReachAsync(run, ReachScope.Machine, server.NotIsolatedBecause!, ct);
            await using var superuser = await server.Target.OpenAsync(ct, "dbsafety rehearsal");
            await CheckExtensionsAsync(superuser, manifest, ct);
            await RehearsalRoles.CopyAsync(run.Connection, superuser, server.Target.Password, ct);
            var copy = server.Target.On(target.Database is "postgres" or "template1" ? target.Database + "_copy" : target.Database) with { Schema = target.Schema, Options = target.Options };
            (await RestoreSpace.JudgeAsync(superuser, copy, backup, new RestoreOptions(), ct)).ThrowOrWarn(run.Events);
            await SetRestore.RestoreAsync(backup, copy, run.Events, ct, new RestoreOptions { ReachesNone = true, DisablesExtensions = !isIsolated });
            await DatabaseCreation.DressAsync(superuser, copy.Database, manifest.Properties, ct);
            await ContentSettings.LeaveOutUnloadableAsync(superuser, copy, manifest.Properties, ct);
            await RedirectAsync(run, copy, adds: !isIsolated, ct);
            return new RehearsalPlace(server, copy with { Username = target.Username }, copy, server.Description, unread, run.Events);
        }
        catch (DbSafetyException e) when (DisabledExtensions.IsIn(e.Message) || (server.NotIsolatedBecause is null && NoServerResponse.IsIn(e.Message)))
        {
            await server.DisposeAsync();
            throw ErrorCatalogue.CopyReaches.Because(e, target.Database, e.Message);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <returns>What could not be read.</returns>
    /// <exception cref="DbSafetyException"><c>DBS451</c>.</exception>
    private static async Task<IReadOnlyList<string>> CheckReachAsync(SafeMigrationRun run, ReachScope scope, string why, CancellationToken ct)
    {
        var reach = await OutsideReach.ReadAsync(run.Connection, scope, ct);
        List<string> found = [.. reach.In(run.Pending).Select(s => s.ToString()), .. reach.Held, .. reach.Unasked];
        if (found.Count > 0)
            throw ErrorCatalogue.RehearsalNotIsolated.For(run.Request.Target.Database, string.Join("; ", found), why);
        IEnumerable<string> command = run.Request.Command is { IsRehearsed: true } ? ["what the command does besides the scripts"] : [];
        return [.. OutsideReach.UnreadIn(run.Pending), .. reach.Unread, .. command];
    }

    /// <exception cref="DbSafetyException"><c>DBS453</c>.</exception>
    private static async Task RedirectAsync(SafeMigrationRun run, DatabaseTarget copy, bool adds, CancellationToken ct)
    {
        try
        {
            await using var connection = await copy.OpenAsync(ct, "dbsafety rehearsal");
            if (await ForeignServers.RedirectAsync(connection, adds, ct) is { Count: > 0 } servers)
                run.Events.Verbose($"disabled the foreign servers of the copy: {string.Join(", ", servers)}");
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.RehearsalServersKept.Because(e, run.Request.Target.Database, e.MessageText);
        }
    }

    private static async Task CheckExtensionsAsync(NpgsqlConnection superuser, BackupManifest manifest, CancellationToken ct)
    {
        var available = await superuser.ListAsync("SELECT name FROM pg_catalog.pg_available_extensions", r => r.GetString(0), ct);
        var missing = manifest.Extensions.Select(e => e.Name).Except(available, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
            throw ErrorCatalogue.ExtensionsMissing.For("the temporary server", string.Join(", ", missing));
    }

    private static async Task<RehearsalPlace> BesideProductionAsync(SafeMigrationRun run, PgBackup backup, string why, CancellationToken ct)
    {
        var target = run.Request.Target;
        if (!await run.Connection.ScalarAsync<bool>("SELECT rolsuper OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user", ct))
            throw ErrorCatalogue.NoRehearsal.For(target.Database, $"{why}, and creating a database on {target.Server} requires the CREATEDB privilege, which role {target.Username} does not have", $"Install the PostgreSQL {backup.Manifest.Source.ServerMajor} server programs and the extensions of the database on this machine, use a role with the CREATEDB privilege");
        var unread = await CheckReachAsync(run, ReachScope.Server, $"it would be a database on the production server, because {why}", ct);
        var now = await RetainedDatabases.FreeTimeAsync(run.Connection, target.Database, ct);
        var copy = target.On(RetainedDatabases.RehearsalName(target.Database, now));
        var mark = await RetainedDatabases.NewMarkAsync(run.Connection, target.Database, MarkKind.Rehearsal, MarkedBy.Migration, now, ct);
        run.Events.Warning($"{why}: the rehearsal creates database {copy.Database} on the production server and uses its disk and CPU; the database is dropped afterwards");
        (await RestoreSpace.JudgeAsync(run.Connection, copy, backup, new RestoreOptions(), ct)).ThrowOrWarn(run.Events);
        try
        {
            await SetRestore.RestoreAsync(backup, copy, run.Events, ct, new RestoreOptions { ReachesNone = true, DisablesExtensions = true }, mark);
        }
        catch (DbSafetyException e) when (DisabledExtensions.IsIn(e.Message))
        {
            throw ErrorCatalogue.CopyReaches.Because(e, target.Database, e.Message);
        }

        var place = new RehearsalPlace(null, copy, copy, $"the database {copy.Database} on {target.Server}", unread, run.Events);
        try
        {
            await using var maintenance = await target.OpenMaintenanceAsync(ct, "dbsafety rehearsal");
            await DatabaseCreation.DressAsync(maintenance, copy.Database, backup.Manifest.Properties, ct);
            await RedirectAsync(run, copy, adds: true, ct);
            return place;
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }
}
