using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>
/// In a copy that is not isolated, functions of extensions that connect elsewhere raise an error, and foreign-data wrappers have no handler, for every caller
/// and every call. They are disabled while the copy has only extensions, before anything can call them.
/// </summary>
internal static partial class DisabledExtensions
{
    /// <summary>Their functions connect to other servers, write files or have a background worker do so.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "adminpack", "aws_commons", "aws_lambda", "aws_s3", "azure_storage", "dblink", "dblink_plus", "http", "oracle_fdw", "pg_background", "pg_cron", "pg_net", "pg_task", "pglogical", "plproxy",
    ];

    /// <summary>Their C functions access only the database; those of wrappers are disabled without a handler.</summary>
    public static readonly IReadOnlyList<string> Harmless =
    [
        "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hstore", "hypopg", "insert_username",
        "intagg", "intarray", "ip4r", "isn", "lo", "ltree", "moddatetime", "old_snapshot", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_trgm",
        "pg_visibility", "pg_walinspect", "pgcrypto", "pgrowlocks", "pgstattuple", "plpgsql", "plpgsql_check", "plperl", "pltcl", "plv8", "postgis", "postgis_topology", "postgres_fdw", "refint", "rum", "seg",
        "sslinfo", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "vector", "xml2",
    ];

    /// <summary>A restore or a statement failed because an extension is disabled.</summary>
    public static bool IsIn(string message) => Words().IsMatch(message);

    /// <summary>PostgreSQL calls a wrapper without a handler; its message can be translated, its function's name cannot.</summary>
    public static bool IsIn(PostgresException? e) => e is not null && (e.Routine?.StartsWith("GetFdwRoutine", StringComparison.Ordinal) == true || IsIn(e.MessageText));

    /// <summary>The dump ids of what is restored before they are disabled: of an archive's definitions, those that call no functions.</summary>
    public static IEnumerable<int> First(ArchiveToc toc)
    {
        var routines = toc.Entries.Where(e => e.Description == "FUNCTION").Select(e => e.DumpId).ToHashSet();
        var hasOwnWrapper = toc.Entries.Any(e => e.Description == "FOREIGN DATA WRAPPER" && e.Dependencies.Any(routines.Contains));
        return toc.Entries.Where(e => e.Description is "SCHEMA" or "EXTENSION" || (!hasOwnWrapper && e.Description is ("FOREIGN DATA WRAPPER" or "SERVER" or "USER MAPPING"))).Select(e => e.DumpId);
    }

    /// <param name="database">The copied database, for messages.</param>
    /// <exception cref="DbSafetyException"><c>DBS460</c> the role cannot disable them.</exception>
    public static async Task DisableAsync(NpgsqlConnection copy, string database, CancellationToken ct)
    {
        var isSuperuser = await copy.ScalarAsync<bool>("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user", ct);
        var statements = await copy.ListAsync(Functions, r => r.GetString(0), ct, (object)Names.ToArray());
        if (isSuperuser)
            statements.AddRange(await copy.ListAsync("SELECT fdwname::text FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwhandler <> 0", r => $"ALTER FOREIGN DATA WRAPPER {SqlName.Quote(r.GetString(0))} NO HANDLER", ct));
        else if (await copy.ListAsync(OtherServers, r => r.GetString(0), ct) is { Count: > 0 } servers)
            throw ErrorCatalogue.CopyNotDisabled.For(database, $"foreign server {string.Join(", ", servers)} does not use postgres_fdw, and the role is not a superuser");
        try
        {
            await copy.ExecuteAsync("SET client_min_messages = error", ct);
            foreach (var statement in statements)
                await copy.ExecuteAsync(statement, ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.CopyNotDisabled.Because(e, database, e.MessageText);
        }

        await RedirectAsync(copy, database, isSuperuser, ct);
    }

    /// <summary>A role that cannot remove a wrapper's handler can at least redirect its servers.</summary>
    private static async Task RedirectAsync(NpgsqlConnection copy, string database, bool isSuperuser, CancellationToken ct)
    {
        try
        {
            if (!isSuperuser)
                await ForeignServers.RedirectAsync(copy, adds: true, ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.RehearsalServersKept.Because(e, database, e.MessageText);
        }
    }

    [GeneratedRegex(@"is disabled in a copy that is not isolated|foreign-data wrapper .* has no handler")]
    private static partial Regex Words();

    /// <summary>They stay members of their extension. Functions that SQL cannot call, and functions that validate options, are unchanged.</summary>
    private const string Functions =
        """
        SELECT pg_catalog.format('CREATE OR REPLACE %s %I.%I(%s)%s LANGUAGE plpgsql %s %s AS %L',
                   CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname, pg_catalog.pg_get_function_arguments(p.oid),
                   CASE p.prokind WHEN 'p' THEN '' ELSE ' RETURNS ' || pg_catalog.pg_get_function_result(p.oid) END,
                   CASE WHEN p.prokind = 'p' THEN '' WHEN p.provolatile = 'i' THEN 'IMMUTABLE' WHEN p.provolatile = 's' THEN 'STABLE' ELSE '' END,
                   CASE WHEN p.proisstrict AND p.prokind <> 'p' THEN 'STRICT' ELSE '' END,
                   pg_catalog.format('BEGIN RAISE EXCEPTION USING ERRCODE = ''08001'', MESSAGE = %L; END',
                       pg_catalog.format('function %s of extension %s is disabled in a copy that is not isolated', p.proname, e.extname)))
        FROM pg_catalog.pg_extension e
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.deptype = 'e'
        JOIN pg_catalog.pg_proc p ON p.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE e.extname = ANY ($1) AND p.prokind IN ('f', 'p')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper w WHERE p.oid IN (w.fdwhandler, w.fdwvalidator))
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_type t WHERE (t.oid = p.prorettype OR t.oid = ANY (p.proargtypes)) AND (t.typname = 'internal' OR t.typname LIKE '%\_handler'))
        """;

    private const string OtherServers =
        """
        SELECT s.srvname::text FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
        WHERE w.fdwhandler <> 0 AND w.fdwname NOT IN ('postgres_fdw', 'dblink_fdw') ORDER BY 1
        """;
}
