using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Restores.InPlace;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>The statements that empty a database of everything a dump would make again. Extensions and their objects stay.</summary>
internal static class DatabaseClearing
{
    /// <summary>Kinds without a page of their own in <see cref="Sql"/>: catalog, its columns for schema and owner.</summary>
    private static readonly (string Catalog, string Schema, string Owner)[] Others =
    [
        ("pg_operator", "oprnamespace", "oprowner"), ("pg_opclass", "opcnamespace", "opcowner"), ("pg_opfamily", "opfnamespace", "opfowner"), ("pg_collation", "collnamespace", "collowner"),
        ("pg_conversion", "connamespace", "conowner"), ("pg_ts_config", "cfgnamespace", "cfgowner"), ("pg_ts_dict", "dictnamespace", "dictowner"),
    ];

    /// <summary>Schemas that are not dropped: public itself often belongs to somebody else, and with a schema the extensions in it would go.</summary>
    public static readonly string Kept = $"""
        SELECT n.nspname FROM pg_catalog.pg_namespace n
        WHERE {UserObjects.Schema("n")} AND NOT {UserObjects.OfExtension("pg_namespace", "n")} AND (n.nspname = 'public' OR EXISTS (SELECT 1 FROM pg_catalog.pg_extension x WHERE x.extnamespace = n.oid)
          OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_depend m ON m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e'
                     WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid))
        """;

    /// <summary>Identity columns' sequences go with their tables, and the constructors of range types with their types. Schemas are dropped whole; what is in one that stays, object by object. Event triggers go first: they would run on every other statement.</summary>
    private static readonly string Sql = $"""
        WITH mine AS (
            SELECT n.oid, n.nspname, n.nspowner, n.nspname IN ({Kept}) AS kept FROM pg_catalog.pg_namespace n
            WHERE {UserObjects.Schema("n")} AND NOT {UserObjects.OfExtension("pg_namespace", "n")})
        SELECT 0, format('DROP EVENT TRIGGER IF EXISTS %I', evtname), evtowner FROM pg_catalog.pg_event_trigger t WHERE NOT {UserObjects.OfExtension("pg_event_trigger", "t")}
        UNION ALL SELECT 1, format('DROP SCHEMA %I CASCADE', nspname), nspowner FROM mine WHERE NOT kept
        UNION ALL
        SELECT 2, format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname), c.relowner
        FROM pg_catalog.pg_class c JOIN mine n ON n.oid = c.relnamespace AND n.kept
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype = 'i')))
        UNION ALL
        SELECT 3, format('DROP %s IF EXISTS %I.%I(%s) CASCADE', upper(i.type), n.nspname, p.proname, coalesce(nullif(pg_catalog.pg_get_function_identity_arguments(p.oid), ''), CASE i.type WHEN 'aggregate' THEN '*' ELSE '' END)), p.proowner
        FROM pg_catalog.pg_proc p JOIN mine n ON n.oid = p.pronamespace AND n.kept CROSS JOIN LATERAL pg_catalog.pg_identify_object(p.tableoid, p.oid, 0) i
        WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
        UNION ALL
        SELECT 4, format('DROP %s IF EXISTS %I.%I CASCADE', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname), t.typowner
        FROM pg_catalog.pg_type t JOIN mine n ON n.oid = t.typnamespace AND n.kept LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND NOT {UserObjects.OfExtension("pg_type", "t")}
        {string.Concat(Others.Select(o => $"""
        UNION ALL
        SELECT 5, format('DROP %s IF EXISTS %s CASCADE', upper(i.type), i.identity), o.{o.Owner}
        FROM pg_catalog.{o.Catalog} o JOIN mine n ON n.oid = o.{o.Schema} AND n.kept CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.tableoid, o.oid, 0) i
        WHERE NOT {UserObjects.OfExtension(o.Catalog, "o")}

        """))}
        UNION ALL SELECT 6, format('DROP PUBLICATION IF EXISTS %I', pubname), pubowner FROM pg_catalog.pg_publication
        UNION ALL SELECT 7, format('DROP SERVER IF EXISTS %I CASCADE', srvname), srvowner FROM pg_catalog.pg_foreign_server s WHERE NOT {UserObjects.OfExtension("pg_foreign_server", "s")}
        UNION ALL SELECT 8, format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname), fdwowner FROM pg_catalog.pg_foreign_data_wrapper w WHERE NOT {UserObjects.OfExtension("pg_foreign_data_wrapper", "w")}
        """;

    private static readonly string Query =
        $"SELECT s.sql AS statement, pg_catalog.pg_has_role(s.owner, 'USAGE') AS mine, pg_catalog.pg_get_userbyid(s.owner)::text AS owner FROM ({Sql}) AS s (rank, sql, owner) ORDER BY s.rank, s.sql";

    private sealed record Drop(string Statement, bool Mine, string Owner);

    /// <exception cref="DbSafetyException"><c>DBS108</c> something belongs to a role that this one is not a member of.</exception>
    public static async Task<IReadOnlyList<string>> StatementsAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        Own(await connection.ListAsync(Query, r => new Drop(r.GetString(0), r.GetBoolean(1), r.GetString(2)), ct), database);

    /// <summary>The same for a transaction of psql's.</summary>
    /// <inheritdoc cref="StatementsAsync(NpgsqlConnection, string, CancellationToken)" path="/exception"/>
    public static async Task<IReadOnlyList<string>> StatementsAsync(PsqlSession session, string database, CancellationToken ct) => Own(
        await session.ListAsync(Query, r => new Drop(r.GetProperty("statement").GetString()!, r.GetProperty("mine").GetBoolean(), r.GetProperty("owner").GetString()!), ct), database);

    private static IReadOnlyList<string> Own(IReadOnlyList<Drop> drops, string database)
    {
        var foreign = drops.Where(d => !d.Mine).ToList();
        if (foreign.Count > 0)
            throw ErrorCatalogue.PermissionDenied.For(database, $"{foreign.Count} objects belong to {string.Join(", ", foreign.Select(d => d.Owner).Distinct())}, the first: {foreign[0].Statement}", "Use a role that owns them, or is a member of their owners. Nothing was touched.");
        return [.. drops.Select(d => d.Statement)];
    }
}
