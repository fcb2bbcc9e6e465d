using static DbSafety.Databases.Definitions.DefinitionSql;

namespace DbSafety.Databases.Definitions;

/// <summary>Tables, views, their columns, constraints, indexes, triggers, rules and policies, and sequences.</summary>
internal static class TableDefinitions
{
    public static IEnumerable<string> Queries(int major) =>
        [Relations, Columns(major), Sequences, Constraints(major), Indexes, Triggers(major), Rules, Policies, Statistics(major)];

    private const string Relations = $"""
        SELECT c.tableoid, c.oid, 0, 0::oid, 0::oid, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END, n.nspname, c.relname, NULL,
               pg_get_userbyid(c.relowner) AS "owner", c.relpersistence = 'u' AS "unlogged", s.spcname AS "tablespace", CASE WHEN a.amname <> 'heap' THEN a.amname END AS "access method",
               CASE WHEN c.relkind <> 'v' THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) END AS "storage parameters",
               (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(toast.reloptions) o) AS "TOAST storage parameters",
               c.relrowsecurity AS "row security", c.relforcerowsecurity AS "force row security",
               CASE WHEN c.relkind IN ('r', 'p', 'm') THEN
                   CASE c.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' WHEN 'i' THEN (SELECT 'INDEX ' || r.indexrelid::regclass::text FROM pg_index r WHERE r.indrelid = c.oid AND r.indisreplident) END
               END AS "replica identity",
               k.indexrelid::regclass::text AS "clustered on",
               CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "type",
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partition key",
               CASE WHEN NOT c.relispartition THEN i.parents END AS "inherits", CASE WHEN c.relispartition THEN i.parents END AS "partition of",
               CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partition bound",
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS "query", CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END AS "populated",
               f.srvname AS "server",
               CASE WHEN c.relkind = 'v' THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) ELSE f.options END AS "options"
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
        LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
        LEFT JOIN pg_am a ON a.oid = c.relam
        LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisclustered
        LEFT JOIN (SELECT h.inhrelid, string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno) AS parents
                   FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent WHERE p.relkind NOT IN ('i', 'I') GROUP BY h.inhrelid) i ON i.inhrelid = c.oid
        LEFT JOIN (SELECT t.ftrelid, v.srvname, (SELECT string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name) FROM pg_options_to_table(t.ftoptions) o) AS options
                   FROM pg_foreign_table t JOIN pg_foreign_server v ON v.oid = t.ftserver) f ON f.ftrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND {UserSchemas}
        """;

    /// <summary>PostgreSQL 17.12 stores its own value, pg_attver, in the options of every column; its pg_dump omits it.</summary>
    private const string AttributeOptions = "(SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\\_attver=%')";

    /// <summary>
    /// A dump contains the columns that a table does not inherit, and all columns of a partition, in order. Inherited columns, even if the table had the column
    /// before, come first after a restore, in the order of the parents, so they have no position.
    /// </summary>
    private static string Columns(int major) => $"""
        SELECT c.tableoid, c.oid, a.attnum::int, CASE WHEN c.relkind = 'c' THEN {Types}::oid ELSE c.tableoid END, CASE WHEN c.relkind = 'c' THEN c.reltype ELSE c.oid END, 'column', NULL, a.attname, NULL,
               CASE WHEN a.attinhcount = 0 OR c.relispartition THEN (row_number() OVER (PARTITION BY a.attrelid, a.attinhcount = 0 OR c.relispartition ORDER BY a.attnum))::text END AS "position",
               NOT a.attislocal AND NOT c.relispartition AS "inherited",
               format_type(a.atttypid, a.atttypmod) AS "type",
               {Collation("a.attcollation", "t.typcollation")} AS "collation",
               a.attnotnull AS "not null",
               CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS "default",
               CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) || CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END END AS "generation expression",
               CASE a.attidentity WHEN 'a' THEN 'GENERATED ALWAYS' WHEN 'd' THEN 'GENERATED BY DEFAULT' END AS "identity",
               CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END AS "storage",
               {(major >= 14 ? "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END" : "NULL")} AS "compression",
               CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END AS "statistics target",
               CASE WHEN a.attoptions IS NOT NULL THEN {AttributeOptions} END AS "attribute options",
               CASE WHEN a.attfdwoptions IS NOT NULL THEN {List("a.attfdwoptions")} END AS "options"
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND {UserSchemas}
        """;

    private const string Sequences = $"""
        SELECT c.tableoid, c.oid, 0, {Classes}::oid, coalesce(t.oid, 0), 'sequence', n.nspname, c.relname, NULL,
               pg_get_userbyid(c.relowner) AS "owner", c.relpersistence = 'u' AS "unlogged", format_type(s.seqtypid, NULL) AS "type", s.seqstart::text AS "start", s.seqincrement::text AS "increment",
               s.seqmin::text AS "minimum value", s.seqmax::text AS "maximum value", s.seqcache::text AS "cache", s.seqcycle AS "cycle",
               t.oid::regclass::text || '.' || quote_ident(a.attname) AS "owned by"
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = {Classes} AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = {Classes} AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE c.relpersistence <> 't' AND {UserSchemas}
        """;

    /// <summary>
    /// Without inherited constraints: a dump does not contain them, and they can have another name after a restore. In
    /// PostgreSQL 18 and later, NOT NULL is a constraint with a name that is dumped.
    /// </summary>
    private static string Constraints(int major) => $"""
        SELECT {Object("o", $"CASE WHEN o.conrelid <> 0 THEN {Classes} ELSE {Types} END", "CASE WHEN o.conrelid <> 0 THEN o.conrelid ELSE o.contypid END", "'constraint'", "NULL", "o.conname")},
               pg_get_constraintdef(o.oid) AS "definition"
        FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace LEFT JOIN pg_class c ON c.oid = o.conrelid
        WHERE {UserSchemas} AND o.contype IN ('c', 'f', 'p', 'u', 'x'{(major >= 18 ? ", 'n'" : "")}) AND (c.oid IS NULL OR c.relpersistence <> 't')
          AND CASE WHEN o.conrelid = 0 THEN true WHEN o.contype IN ('c', 'n') THEN o.conislocal OR c.relispartition WHEN o.contype = 'f' THEN o.conparentid = 0 ELSE true END
        """;

    /// <summary>Invalid indexes are not dumped. Indexes of constraints are covered by the constraints.</summary>
    private const string Indexes = $"""
        SELECT c.tableoid, c.oid, 0, coalesce(k.tableoid, t.tableoid), coalesce(k.oid, t.oid), 'index', n.nspname, c.relname, NULL,
               CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) END AS "definition",
               CASE WHEN k.oid IS NOT NULL THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) END AS "storage parameters",
               s.spcname AS "tablespace", h.inhparent::regclass::text AS "partition of", a.targets AS "statistics targets"
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
        LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
        LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
        LEFT JOIN (SELECT attrelid, string_agg('column ' || attnum || ': ' || attstattarget, ', ' ORDER BY attnum) AS targets
                   FROM pg_attribute WHERE attstattarget >= 0 AND attnum > 0 GROUP BY attrelid) a ON a.attrelid = i.indexrelid
        WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND (i.indisvalid OR t.relkind = 'p') AND i.indisready AND {UserSchemas}
        """;

    /// <summary>A partition's copy of its parent's trigger is dumped only if it is enabled or disabled separately.</summary>
    private static string Triggers(int major)
    {
        var (parent, own, condition) = major >= 13
            ? ("LEFT JOIN pg_trigger u ON u.oid = g.tgparentid", "g.tgparentid = 0", "((NOT g.tgisinternal AND g.tgparentid = 0) OR (g.tgenabled <> u.tgenabled AND g.tgname !~ '^RI_ConstraintTrigger_'))")
            : ("", "true", "NOT g.tgisinternal");
        return $"""
            SELECT {Object("g", Classes, "g.tgrelid", "'trigger'", "NULL", "g.tgname")},
                   CASE WHEN {own} THEN pg_get_triggerdef(g.oid) END AS "definition",
                   CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE CASE WHEN {own} THEN NULL ELSE 'ENABLE' END END AS "state"
            FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace {parent}
            WHERE {condition} AND c.relpersistence <> 't' AND {UserSchemas}
            """;
    }

    private static readonly string Rules = $"""
        SELECT {Object("r", Classes, "r.ev_class", "'rule'", "NULL", "r.rulename")}, pg_get_ruledef(r.oid) AS "definition", {State("r.ev_enabled")}
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't' AND {UserSchemas}
        """;

    private static readonly string Policies = $"""
        SELECT {Object("p", Classes, "p.polrelid", "'policy'", "NULL", "p.polname")},
               CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS "command",
               CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS "mode",
               (SELECT string_agg(r.name, ', ' ORDER BY r.name) FROM (SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role)::text END AS name FROM unnest(p.polroles) role) r) AS "roles",
               pg_get_expr(p.polqual, p.polrelid) AS "USING expression", pg_get_expr(p.polwithcheck, p.polrelid) AS "WITH CHECK expression"
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relpersistence <> 't' AND {UserSchemas}
        """;

    private static string Statistics(int major) => $"""
        SELECT {Object("s", Classes, "s.stxrelid", "'statistics'", "n.nspname", "s.stxname")},
               {Owner("s.stxowner")}, pg_get_statisticsobjdef(s.oid) AS "definition", {(major >= 13 ? "CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::text END" : "NULL")} AS "statistics target"
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
        WHERE {UserSchemas}
        """;
}
