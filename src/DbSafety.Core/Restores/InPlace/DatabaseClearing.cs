using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>The statements that drop everything in a database that a dump would re-create. Extensions and their objects stay.</summary>
internal static class DatabaseClearing
{
    private const string FirstOid = "16384", DropEventTrigger = "DROP EVENT TRIGGER IF EXISTS ";

    /// <summary>
    /// Casts and transforms before their types; what superusers create; and what is on objects of extensions. If this role does not own them they stay: it could
    /// not have created them, and a dump of its own objects does not have them.
    /// </summary>
    private const int FirstRank = 1, SuperusersRank = 7, OfExtensionsRank = 11;

    /// <summary>Whose objects have no owner: those that only superusers create. The first superuser has the OID 10.</summary>
    private const string Superuser = "10";

    /// <summary>Kinds that are identified by their name, in schemas that stay: catalog, its column for the schema, SQL for the owner.</summary>
    private static readonly (string Catalog, string Schema, string Owner)[] InSchemas =
    [
        ("pg_operator", "oprnamespace", "o.oprowner"), ("pg_opclass", "opcnamespace", "o.opcowner"), ("pg_opfamily", "opfnamespace", "o.opfowner"), ("pg_collation", "collnamespace", "o.collowner"),
        ("pg_conversion", "connamespace", "o.conowner"), ("pg_ts_config", "cfgnamespace", "o.cfgowner"), ("pg_ts_dict", "dictnamespace", "o.dictowner"),
        ("pg_ts_template", "tmplnamespace", Superuser), ("pg_ts_parser", "prsnamespace", Superuser),
    ];

    /// <summary>Kinds without a schema: catalog, their rank, and SQL for the owner. A cast or a transform has the owner of one of its types.</summary>
    private static readonly (string Catalog, int Rank, string Owner)[] WithoutSchema =
    [
        ("pg_cast", FirstRank, TypeOwner("o.castsource", "o.casttarget")), ("pg_transform", FirstRank, TypeOwner("o.trftype", "o.trftype")), ("pg_language", SuperusersRank, "o.lanowner"), ("pg_am", SuperusersRank, Superuser),
    ];

    /// <summary>Schemas that are not dropped: public often belongs to another role, and dropping a schema drops the extensions in it.</summary>
    public static readonly string Kept = $"""
        SELECT n.nspname FROM pg_catalog.pg_namespace n
        WHERE {UserObjects.Schema("n")} AND NOT {UserObjects.OfExtension("pg_namespace", "n")} AND (n.nspname = 'public' OR EXISTS (SELECT 1 FROM pg_catalog.pg_extension x WHERE x.extnamespace = n.oid)
          OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_depend m ON m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e'
                     WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid))
        """;

    /// <summary>Event triggers, which fire on other statements and can reject them.</summary>
    private static readonly string EventTriggers =
        $"SELECT 0, format('{DropEventTrigger}%I', evtname), evtowner FROM pg_catalog.pg_event_trigger t WHERE NOT {UserObjects.OfExtension("pg_event_trigger", "t")}";

    /// <summary>
    /// Identity columns' sequences go with their tables, and the constructors of range types with their types. Schemas are dropped with their contents; the contents of a schema that
    /// stays, object by object. Of extensions' objects, what a dump creates again: policies and user mappings.
    /// </summary>
    private static readonly string Sql = $"""
        WITH mine AS (
            SELECT n.oid, n.nspname, n.nspowner, n.nspname IN ({Kept}) OR {UserObjects.OfExtension("pg_namespace", "n")} AS kept FROM pg_catalog.pg_namespace n
            WHERE {UserObjects.Schema("n")})
        {EventTriggers}
        {string.Concat(WithoutSchema.Select(o => $"""
        UNION ALL
        SELECT {o.Rank}, format('DROP %s IF EXISTS %s CASCADE', upper(i.type), CASE i.type WHEN 'transform' THEN regexp_replace(i.identity, '^for (.*) on language (.*)$', 'FOR \1 LANGUAGE \2') ELSE i.identity END), {o.Owner}
        FROM pg_catalog.{o.Catalog} o CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.tableoid, o.oid, 0) i
        WHERE o.oid >= {FirstOid} AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.deptype IN ('e', 'i'))

        """))}
        UNION ALL SELECT 2, format('DROP SCHEMA %I CASCADE', nspname), nspowner FROM mine WHERE NOT kept
        UNION ALL
        SELECT 3, format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname), c.relowner
        FROM pg_catalog.pg_class c JOIN mine n ON n.oid = c.relnamespace AND n.kept
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype = 'i')))
        UNION ALL
        SELECT 4, format('DROP %s IF EXISTS %I.%I(%s) CASCADE', upper(i.type), n.nspname, p.proname, coalesce(nullif(pg_catalog.pg_get_function_identity_arguments(p.oid), ''), CASE i.type WHEN 'aggregate' THEN '*' ELSE '' END)), p.proowner
        FROM pg_catalog.pg_proc p JOIN mine n ON n.oid = p.pronamespace AND n.kept CROSS JOIN LATERAL pg_catalog.pg_identify_object(p.tableoid, p.oid, 0) i
        WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
        UNION ALL
        SELECT 5, format('DROP %s IF EXISTS %I.%I CASCADE', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname), t.typowner
        FROM pg_catalog.pg_type t JOIN mine n ON n.oid = t.typnamespace AND n.kept LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c' OR NOT t.typisdefined) AND NOT {UserObjects.OfExtension("pg_type", "t")}
        {string.Concat(InSchemas.Select(o => $"""
        UNION ALL
        SELECT {(o.Owner == Superuser ? SuperusersRank : 6)}, format('DROP %s IF EXISTS %s CASCADE', upper(i.type), i.identity), {o.Owner}
        FROM pg_catalog.{o.Catalog} o JOIN mine n ON n.oid = o.{o.Schema} AND n.kept CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.tableoid, o.oid, 0) i
        WHERE NOT {UserObjects.OfExtension(o.Catalog, "o")}

        """))}
        UNION ALL SELECT 8, format('DROP PUBLICATION IF EXISTS %I', pubname), pubowner FROM pg_catalog.pg_publication
        UNION ALL SELECT {OfExtensionsRank}, format('DROP USER MAPPING IF EXISTS FOR %s SERVER %I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(m.usename) END, m.srvname), s.srvowner
                  FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid WHERE {UserObjects.OfExtension("pg_foreign_server", "s")}
        UNION ALL SELECT {OfExtensionsRank}, format('DROP POLICY IF EXISTS %I ON %I.%I', p.polname, n.nspname, c.relname), c.relowner
                  FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {UserObjects.OfExtension("pg_class", "c")}
        UNION ALL SELECT 9, format('DROP SERVER IF EXISTS %I CASCADE', srvname), srvowner FROM pg_catalog.pg_foreign_server s WHERE NOT {UserObjects.OfExtension("pg_foreign_server", "s")}
        UNION ALL SELECT 10, format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname), fdwowner FROM pg_catalog.pg_foreign_data_wrapper w WHERE NOT {UserObjects.OfExtension("pg_foreign_data_wrapper", "w")}
        """;

    private static string TypeOwner(string first, string second) => $"""
        (SELECT t.typowner FROM pg_catalog.pg_type t WHERE t.oid IN ({first}, {second}) ORDER BY pg_catalog.pg_has_role(t.typowner, 'USAGE') DESC, t.oid LIMIT 1)
        """;

    private static readonly string Query = Ordered(Sql);

    private static string Ordered(string sql) =>
        $"SELECT s.sql AS statement, pg_catalog.pg_has_role(s.owner, 'USAGE') AS mine, pg_catalog.pg_get_userbyid(s.owner)::text AS owner FROM ({sql}) AS s (rank, sql, owner) WHERE s.rank NOT IN ({FirstRank}, {SuperusersRank}, {OfExtensionsRank}) OR pg_catalog.pg_has_role(s.owner, 'USAGE') ORDER BY s.rank, s.sql";

    private sealed record Drop(string Statement, bool Mine, string Owner);

    /// <exception cref="DbSafetyException"><c>DBS108</c> something, <c>DBS133</c> an event trigger belongs to a role that this one is not a member of.</exception>
    public static async Task<IReadOnlyList<string>> StatementsAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        Own(await connection.ListAsync(Query, r => new Drop(r.GetString(0), r.GetBoolean(1), r.GetString(2)), ct), database);

    /// <summary>The same for a transaction of psql.</summary>
    /// <inheritdoc cref="StatementsAsync(NpgsqlConnection, string, CancellationToken)" path="/exception"/>
    public static async Task<IReadOnlyList<string>> StatementsAsync(PsqlSession session, string database, CancellationToken ct) => Own(
        await ListAsync(session, Query, ct), database);

    /// <summary>Only event triggers, which would run on the statements that lock sequences.</summary>
    /// <inheritdoc cref="StatementsAsync(NpgsqlConnection, string, CancellationToken)" path="/exception"/>
    public static async Task<IReadOnlyList<string>> EventTriggersAsync(PsqlSession session, string database, CancellationToken ct) => Own(await ListAsync(session, Ordered(EventTriggers), ct), database);

    private static Task<List<Drop>> ListAsync(PsqlSession session, string query, CancellationToken ct) =>
        session.ListAsync(query, r => new Drop(r.GetProperty("statement").GetString()!, r.GetProperty("mine").GetBoolean(), r.GetProperty("owner").GetString()!), ct);

    private static IReadOnlyList<string> Own(IReadOnlyList<Drop> drops, string database)
    {
        var foreign = drops.Where(d => !d.Mine).ToList();
        if (foreign.Where(d => d.Statement.StartsWith(DropEventTrigger, StringComparison.Ordinal)).ToList() is { Count: > 0 } triggers)
            throw ErrorCatalogue.EventTriggersOfOthers.For(database, string.Join(", ", triggers.Select(t => $"{t.Statement[DropEventTrigger.Length..]} (owner {t.Owner})")), string.Join("; ", triggers.Select(t => t.Statement)) + ";");
        if (foreign.Count > 0)
            throw ErrorCatalogue.PermissionDenied.For(database, $"{foreign.Count} objects belong to {string.Join(", ", foreign.Select(d => d.Owner).Distinct())}, the first: {foreign[0].Statement}", "Use a role that owns them, or is a member of their owners. Nothing was changed.");
        return [.. drops.Select(d => d.Statement)];
    }
}
