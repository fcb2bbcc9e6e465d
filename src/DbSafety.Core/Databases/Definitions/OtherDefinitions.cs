using static DbSafety.Databases.Definitions.DefinitionSql;

namespace DbSafety.Databases.Definitions;

/// <summary>Extensions, foreign data, text search, event triggers and logical replication.</summary>
internal static class OtherDefinitions
{
    public const string Subscription = "subscription", UserMapping = "user mapping";

    /// <param name="readsAll">Whether the role may read subscriptions and user mappings.</param>
    public static IEnumerable<string> Queries(int major, bool readsAll)
    {
        List<string> queries =
        [
            Extensions, Wrappers, Servers, Parsers, Templates, Dictionaries, Configurations, ConfigurationMappings, EventTriggers, Publications(major), PublicationTables(major),
        ];
        if (major >= 15)
            queries.Add(PublicationSchemas);
        if (readsAll)
            queries.AddRange([UserMappings, Subscriptions(major)]);
        return queries;
    }

    /// <summary>Without the version: the server on which a dump is restored determines it.</summary>
    private static readonly string Extensions = $"""
        SELECT {Object("e", "'extension'", "NULL", "e.extname")}, n.nspname AS "schema"
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname <> 'plpgsql'
        """;

    private static readonly string Wrappers = $"""
        SELECT {Object("f", "'foreign-data wrapper'", "NULL", "f.fdwname")}, {Owner("f.fdwowner")}, {Function("f.fdwhandler")} AS "handler", {Function("f.fdwvalidator")} AS "validator", {Options("f.fdwoptions")}
        FROM pg_foreign_data_wrapper f
        """;

    private static readonly string Servers = $"""
        SELECT {Object("s", "'server'", "NULL", "s.srvname")}, {Owner("s.srvowner")}, s.srvtype AS "type", s.srvversion AS "version", f.fdwname AS "foreign-data wrapper", {Options("s.srvoptions")}
        FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw
        """;

    private static readonly string UserMappings = $"""
        SELECT {Object("u", "'pg_foreign_server'::regclass", "u.umserver", $"'{UserMapping}'", "NULL", "NULL", "'for ' || CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u.umuser)) END || ' server ' || quote_ident(s.srvname)")}, {Options("u.umoptions")}
        FROM pg_user_mapping u JOIN pg_foreign_server s ON s.oid = u.umserver
        """;

    private static readonly string Parsers = $"""
        SELECT {Object("p", "'text search parser'", "n.nspname", "p.prsname")}, p.prsstart::regproc::text AS "start function", p.prstoken::regproc::text AS "gettoken function",
               p.prsend::regproc::text AS "end function", {Function("p.prsheadline")} AS "headline function", p.prslextype::regproc::text AS "lextypes function"
        FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
        WHERE {UserSchemas}
        """;

    private static readonly string Templates = $"""
        SELECT {Object("t", "'text search template'", "n.nspname", "t.tmplname")}, {Function("t.tmplinit")} AS "init function", t.tmpllexize::regproc::text AS "lexize function"
        FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
        WHERE {UserSchemas}
        """;

    private static readonly string Dictionaries = $"""
        SELECT {Object("d", "'text search dictionary'", "n.nspname", "d.dictname")}, {Owner("d.dictowner")}, {Qualified("tn.nspname", "t.tmplname")} AS "template", d.dictinitoption AS "options"
        FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
        WHERE {UserSchemas}
        """;

    private static readonly string Configurations = $"""
        SELECT {Object("c", "'text search configuration'", "n.nspname", "c.cfgname")}, {Owner("c.cfgowner")}, {Qualified("pn.nspname", "p.prsname")} AS "parser"
        FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
        WHERE {UserSchemas}
        """;

    private static readonly string ConfigurationMappings = $"""
        SELECT c.tableoid, 0::oid, 0, c.tableoid, c.oid, 'text search configuration', NULL, NULL, {Qualified("n.nspname", "c.cfgname")} || ' mapping for ' || t.alias,
               string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS "dictionaries"
        FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_config_map m ON m.mapcfg = c.oid CROSS JOIN LATERAL ts_token_type(c.cfgparser) t
        WHERE t.tokid = m.maptokentype AND {UserSchemas}
        GROUP BY c.tableoid, c.oid, n.nspname, c.cfgname, t.alias
        """;

    private static readonly string EventTriggers = $"""
        SELECT {Object("e", "'event trigger'", "NULL", "e.evtname")}, {Owner("e.evtowner")}, e.evtevent::text AS "event", e.evtfoid::regproc::text AS "function",
               CASE WHEN e.evttags IS NOT NULL THEN {List("e.evttags")} END AS "tags", {State("e.evtenabled")}
        FROM pg_event_trigger e
        """;

    private static string Publications(int major) => $"""
        SELECT {Object("p", "'publication'", "NULL", "p.pubname")}, {Owner("p.pubowner")}, p.puballtables AS "all tables",
               concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS "publish",
               {(major >= 13 ? "p.pubviaroot" : "false")} AS "publish_via_partition_root", {(major >= 18 ? "CASE p.pubgencols WHEN 's' THEN 'stored' END" : "NULL")} AS "publish_generated_columns"
        FROM pg_publication p
        """;

    private static string PublicationTables(int major) => $"""
        SELECT {Object("r", "p.tableoid", "p.oid", "'table'", "NULL", "NULL", "r.prrelid::regclass::text || ' in publication ' || quote_ident(p.pubname)")},
               {(major >= 15 ? "CASE WHEN r.prattrs IS NOT NULL THEN (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) END" : "NULL")} AS "columns",
               {(major >= 15 ? "pg_get_expr(r.prqual, r.prrelid)" : "NULL")} AS "WHERE expression"
        FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
        """;

    private static readonly string PublicationSchemas = $"""
        SELECT {Object("r", "p.tableoid", "p.oid", "'tables in schema'", "NULL", "NULL", "quote_ident(n.nspname) || ' in publication ' || quote_ident(p.pubname)")}
        FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid JOIN pg_namespace n ON n.oid = r.pnnspid
        """;

    /// <summary>Without its enabled state: a dump creates it disabled.</summary>
    private static string Subscriptions(int major)
    {
        List<string> more = [];
        if (major >= 14)
            more.AddRange(["""s.subbinary AS "binary" """, major >= 16 ? """CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' END AS "streaming" """ : """s.substream AS "streaming" """]);
        if (major >= 15)
            more.AddRange(["""s.subtwophasestate <> 'd' AS "two_phase" """, """s.subdisableonerr AS "disable_on_error" """]);
        if (major >= 16)
            more.AddRange(["""NOT s.subpasswordrequired AS "password not required" """, """s.subrunasowner AS "run_as_owner" """, """s.suborigin AS "origin" """]);
        if (major >= 17)
            more.Add("""s.subfailover AS "failover" """);
        return $"""
            SELECT {Object("s", $"'{Subscription}'", "NULL", "s.subname")}, {Owner("s.subowner")}, s.subconninfo AS "connection",
                   coalesce(substring(s.subconninfo, 'password\s*=\s*(''(?:[^''\\]|\\.)*''|\S+)'), substring(s.subconninfo, '://[^/@:]*:([^@]*)@')) AS "password",
                   s.subslotname::text AS "slot_name", s.subsynccommit AS "synchronous_commit", {List("s.subpublications")} AS "publications"{string.Concat(more.Select(m => ", " + m))}
            FROM pg_subscription s
            WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            """;
    }
}
