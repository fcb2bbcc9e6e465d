using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>The checks before a restore creates anything on the server.</summary>
internal static class RestoreChecks
{
    /// <summary>Extensions that CREATE EXTENSION rejects in every database except the database of their background worker, and the setting that names it.</summary>
    private static readonly (string Extension, string Setting)[] Bound = [("pg_cron", "cron.database_name")];

    /// <summary>With this one: those that create and swap databases, and one that fills the new one or reads it.</summary>
    private const int Sessions = 4;

    /// <summary>With this one: the transaction's, the one that watches it, and those of the backup.</summary>
    private const int SessionsInPlace = 6;

    private sealed record Rights(bool Superuser, bool CreateDb, bool OwnsTarget);

    /// <returns>The roles to create, if requested.</returns>
    /// <exception cref="DbSafetyException"><c>DBS122</c>, <c>DBS132</c>, <c>DBS136</c>, <c>DBS302</c> to <c>DBS304</c>, <c>DBS308</c>, <c>DBS311</c>, <c>DBS312</c>, <c>DBS322</c>, <c>DBS330</c>, <c>DBS332</c>, <c>DBS333</c>.</exception>
    public static async Task<RoleCreation?> RunAsync(PgBackup backup, RestoreRequest request, NpgsqlConnection maintenance, CancellationToken ct)
    {
        var (manifest, target, options) = (backup.Manifest, request.Target, request.Options);
        if (!(options with { NoOwner = false }).IsDefault && manifest.Format == BackupFormat.Plain)
            throw ErrorCatalogue.OptionNeedsArchive.For(backup.Path);
        // A dump of another tool is restored as far as the server supports it, and fails where it does not.
        if (backup.Foreign is null && maintenance.PostgreSqlVersion.Major < manifest.Source.ServerMajor)
            throw ErrorCatalogue.ServerOlder.For(target.Server, maintenance.PostgreSqlVersion.Major, manifest.Source.ServerMajor);
        (await FreeConnections.ReadAsync(maintenance, maintenance.Database, ct)).Require(request.InPlaceBackup is null ? Sessions : SessionsInPlace, $"a restore of {target.Database}", target);
        await SwapChecks.CheckWritableAsync(target, maintenance, ct);
        if (request.InPlaceBackup is null)
        {
            await CheckSwapAsync(target, maintenance, ct);
            await PoolerCheck.CheckToolsAsync(target.On(maintenance.Database), ct);
        }

        var roles = await maintenance.ListAsync("SELECT rolname FROM pg_catalog.pg_roles", r => r.GetString(0), ct);
        var creation = request.Globals ? await RoleCreation.PlanAsync(backup, options, roles, ct) : null;
        roles.AddRange(creation?.Roles ?? []);
        CheckRoles(backup, request, roles);

        var available = await maintenance.ListAsync("SELECT name FROM pg_catalog.pg_available_extensions", r => r.GetString(0), ct);
        if (manifest.Extensions.Select(e => e.Name).Except(options.SkipExtensions, StringComparer.Ordinal).Except(available, StringComparer.Ordinal).ToList() is { Count: > 0 } extensions)
            throw ErrorCatalogue.ExtensionsMissing.For(target.Server, string.Join(", ", extensions));

        if (request.InPlaceBackup is null)
            await CheckBoundExtensionsAsync(manifest, request, maintenance, ct);

        var tablespaces = await maintenance.ListAsync("SELECT spcname FROM pg_catalog.pg_tablespace", r => r.GetString(0), ct);
        if (DumpTablespaces.Of(backup).Except(tablespaces, StringComparer.Ordinal).ToList() is { Count: > 0 } places)
            throw ErrorCatalogue.TablespacesMissing.For(target.Server, string.Join(", ", places));
        return creation;
    }

    /// <summary>Policies and user mappings name roles that are needed without owners and privileges too.</summary>
    /// <exception cref="DbSafetyException"><c>DBS302</c>.</exception>
    private static void CheckRoles(PgBackup backup, RestoreRequest request, IReadOnlyCollection<string> existing)
    {
        var options = request.Options;
        IReadOnlyList<string> bound = backup.Foreign is { Content: { } content } foreign ? content.DefinitionRoles(foreign.Section) : [];
        var missing = (options.NoOwner ? bound : Roles(backup.Manifest)).Select(options.RoleOf).Except(existing, StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
            return;
        var isPlain = backup.Manifest.Format == BackupFormat.Plain;
        var stay = missing.Intersect(bound.Select(options.RoleOf), StringComparer.Ordinal).ToList();
        List<string> ways = ["create them first (CREATE ROLE …)"];
        if (backup.Manifest.Files.Any(f => f.Path.EndsWith(GlobalsDump.Ending, StringComparison.Ordinal)))
            ways = ["create them first (CREATE ROLE …), as the backup's globals file shows", $"have the restore create them ({Advice.Of($"--globals")})"];
        if (!isPlain)
            ways.Add($"map them to other roles ({Advice.Of($"--map-role")})");
        if (stay.Count == 0)
            ways.Add($"leave out owners and privileges ({Advice.Of($"--no-owner")})");
        var way = string.Join(", or ", ways) + "." + (stay.Count > 0 ? $" Policies or user mappings name {string.Join(", ", stay)}, so leaving out owners and privileges is not enough." : "");
        throw ErrorCatalogue.RolesMissing.For(request.Target.Server, string.Join(", ", missing), char.ToUpperInvariant(way[0]) + way[1..]);
    }

    /// <summary>Manifests of plain dumps by earlier versions name a role with the tablespace of its table, in addition to the role itself.</summary>
    private static IEnumerable<string> Roles(BackupManifest manifest) =>
        manifest.Roles.Where(r => manifest.Format != BackupFormat.Plain || !r.Contains("; Tablespace: ", StringComparison.Ordinal));

    /// <summary>A restore in place keeps them.</summary>
    /// <exception cref="DbSafetyException"><c>DBS132</c>.</exception>
    private static async Task CheckBoundExtensionsAsync(BackupManifest manifest, RestoreRequest request, NpgsqlConnection maintenance, CancellationToken ct)
    {
        var bound = await maintenance.ListAsync(
            """
            SELECT x.name, pg_catalog.current_setting(s.name, true) FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS s (extension, name) JOIN pg_catalog.unnest($3) AS x (name) ON x.name = s.extension
            WHERE pg_catalog.current_setting(s.name, true) <> ''
            """,
            r => (Extension: r.GetString(0), Database: r.GetString(1)),
            ct,
            Bound.Select(b => b.Extension).ToArray(),
            Bound.Select(b => b.Setting).ToArray(),
            manifest.Extensions.Select(e => e.Name).Except(request.Options.SkipExtensions, StringComparer.Ordinal).ToArray());
        if (bound.Count == 0)
            return;
        var (extension, database) = bound[0];
        throw ErrorCatalogue.ExtensionBound.For(
            request.Target.Server, extension, database,
            database == request.Target.Database
                ? $"Restore in place ({Advice.Of($"--in-place")}): the restore keeps the extension."
                : $"Leave it and its rows out ({Advice.Of($"--skip-extension")}).");
    }

    /// <summary>A part of a database must not replace a complete database by mistake.</summary>
    /// <exception cref="DbSafetyException"><c>DBS320</c>; <c>DBS321</c> for rows without definitions, which need a database that has their tables.</exception>
    public static void RefuseExcerpt(PgBackup backup, DatabaseTarget target, bool isLive, bool allowed)
    {
        if (backup.Foreign is { IsDataOnly: true })
            throw ErrorCatalogue.RowsWithoutDefinitions.For(target.Database);
        if (backup.Manifest.Scope is not { } scope)
            return;
        if (scope.DataOnly)
            throw ErrorCatalogue.RowsWithoutDefinitions.For(target.Database);
        if (isLive && !allowed)
            throw ErrorCatalogue.ExcerptOverLive.For(target.Database, scope);
    }

    /// <summary>What the swap needs: a server that can be written to, the database's ownership, CREATEDB, and sessions that can be ended.</summary>
    /// <exception cref="DbSafetyException"><c>DBS304</c>, <c>DBS330</c>, <c>DBS332</c>, <c>DBS333</c>.</exception>
    public static async Task CheckSwapAsync(DatabaseTarget target, NpgsqlConnection maintenance, CancellationToken ct)
    {
        await CheckRightsAsync(target, maintenance, ct);
        await SwapChecks.CheckDatabaseAsync(target, target.Database, maintenance, ct);
    }

    private static async Task CheckRightsAsync(DatabaseTarget target, NpgsqlConnection maintenance, CancellationToken ct)
    {
        var rights = (await maintenance.ListAsync(
            """
            SELECT r.rolsuper, r.rolcreatedb,
                   coalesce((SELECT pg_catalog.pg_has_role(d.datdba, 'USAGE') FROM pg_catalog.pg_database d WHERE d.datname = $1), true)
            FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
            """,
            r => new Rights(r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2)),
            ct,
            target.Database)).Single();
        if (rights.Superuser)
            return;
        var lacks = new List<string>();
        if (!rights.CreateDb)
            lacks.Add("it does not have the CREATEDB privilege (ALTER ROLE … CREATEDB)");
        if (!rights.OwnsTarget)
            lacks.Add($"it does not own {target.Database}");
        if (lacks.Count > 0)
            throw ErrorCatalogue.RightsMissing.For(target.Server, target.Username, string.Join("; ", lacks));
    }
}
