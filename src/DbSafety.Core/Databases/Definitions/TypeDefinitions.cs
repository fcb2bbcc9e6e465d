using static DbSafety.Databases.Definitions.DefinitionSql;

namespace DbSafety.Databases.Definitions;

/// <summary>Schemas, types, domains, collations and conversions.</summary>
internal static class TypeDefinitions
{
    /// <summary>Parents of columns and constraints come first.</summary>
    public static IEnumerable<string> Queries(int major) => [Schemas(major), Types(major), Collations(major), Conversions];

    /// <summary>Schema public exists in every new database: only differences are dumped.</summary>
    private static string Schemas(int major) => $"""
        SELECT {Object("n", "'schema'", "NULL", "n.nspname")},
               CASE WHEN n.nspname <> 'public' OR n.nspowner <> {(major >= 15 ? "'pg_database_owner'::regrole" : "10::oid")} THEN pg_get_userbyid(n.nspowner) END AS "owner",
               CASE WHEN n.nspname = 'public' AND obj_description(n.oid, 'pg_namespace') IS NULL THEN '(none)' END AS "comment"
        FROM pg_namespace n
        WHERE {UserSchemas}
        """;

    private static string Types(int major) => $"""
        SELECT {Object("t", "CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END", "n.nspname", "t.typname")},
               {Owner("t.typowner")}, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range' WHEN 'p' THEN 'shell' WHEN 'b' THEN 'base' END AS "kind",
               e.labels AS "labels",
               CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS "base type",
               CASE WHEN t.typtype = 'd' THEN {Collation("t.typcollation", "coalesce(b.typcollation, 0)")} END AS "collation",
               t.typnotnull AS "not null", CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) ELSE t.typdefault END AS "default",
               format_type(r.rngsubtype, NULL) AS "subtype", CASE WHEN NOT oc.opcdefault THEN {Qualified("ocn.nspname", "oc.opcname")} END AS "subtype operator class",
               CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> rs.typcollation THEN r.rngcollation::text END AS "subtype collation",
               {Function("r.rngcanonical")} AS "canonical function", {Function("r.rngsubdiff")} AS "subtype diff function",
               {(major >= 14 ? "format_type(nullif(r.rngmultitypid, 0), NULL)" : "NULL")} AS "multirange type",
               {Base("nullif(t.typinput::regproc::text, '-')")} AS "input function", {Base("nullif(t.typoutput::regproc::text, '-')")} AS "output function",
               {Base("nullif(t.typreceive::regproc::text, '-')")} AS "receive function", {Base("nullif(t.typsend::regproc::text, '-')")} AS "send function",
               {Base("nullif(t.typmodin::regproc::text, '-')")} AS "type modifier input function", {Base("nullif(t.typmodout::regproc::text, '-')")} AS "type modifier output function",
               {Base("nullif(t.typanalyze::regproc::text, '-')")} AS "analyze function", {(major >= 14 ? Base("nullif(t.typsubscript::regproc::text, '-')") : "NULL")} AS "subscript function",
               {Base("CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::text END")} AS "internal length", t.typtype = 'b' AND t.typbyval AS "passed by value",
               {Base("CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END")} AS "alignment",
               {Base("CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END")} AS "storage",
               {Base("t.typcategory::text")} AS "category", t.typtype = 'b' AND t.typispreferred AS "preferred", {Base("t.typdelim::text")} AS "delimiter",
               CASE WHEN t.typtype = 'b' AND t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS "element type", t.typtype = 'b' AND t.typcollation <> 0 AS "collatable"
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_class c ON c.oid = t.typrelid
        LEFT JOIN pg_type b ON b.oid = t.typbasetype
        LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_type rs ON rs.oid = r.rngsubtype
        LEFT JOIN pg_opclass oc ON oc.oid = r.rngsubopc LEFT JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
        LEFT JOIN (SELECT enumtypid, string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) AS labels FROM pg_enum GROUP BY enumtypid) e ON e.enumtypid = t.oid
        WHERE {UserSchemas} AND (t.typrelid = 0 OR c.relkind = 'c') AND t.typtype <> 'm' AND NOT (t.typtype = 'p' AND t.typisdefined)
          AND NOT EXISTS (SELECT 1 FROM pg_type x WHERE x.oid = t.typelem AND x.typarray = t.oid)
        """;

    private static string Base(string sql) => $"CASE WHEN t.typtype = 'b' THEN {sql} END";

    private static string Collations(int major)
    {
        var locale = major switch { >= 17 => "c.colllocale", >= 15 => "c.colliculocale", _ => "NULL" };
        return $"""
            SELECT {Object("c", "'collation'", "n.nspname", "c.collname")}, {Owner("c.collowner")},
                   CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE 'default' END AS "provider",
                   c.collcollate::text AS "LC_COLLATE", c.collctype::text AS "LC_CTYPE", {locale}::text AS "locale", NOT c.collisdeterministic AS "nondeterministic",
                   {(major >= 16 ? "c.collicurules" : "NULL")}::text AS "rules"
            FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
            WHERE {UserSchemas} AND c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
            """;
    }

    private static readonly string Conversions = $"""
        SELECT {Object("c", "'conversion'", "n.nspname", "c.conname")}, {Owner("c.conowner")},
               pg_encoding_to_char(c.conforencoding)::text AS "source encoding", pg_encoding_to_char(c.contoencoding)::text AS "destination encoding",
               c.conproc::regproc::text AS "function", c.condefault AS "default conversion"
        FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
        WHERE {UserSchemas}
        """;
}
