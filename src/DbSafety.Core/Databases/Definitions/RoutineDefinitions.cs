using static DbSafety.Databases.Definitions.DefinitionSql;

namespace DbSafety.Databases.Definitions;

/// <summary>Functions, procedures, aggregates, operators, operator classes and families, casts, transforms and languages.</summary>
internal static class RoutineDefinitions
{
    public static IEnumerable<string> Queries(int major) => [Routines(major), Aggregates, Operators, OperatorFamilies, OperatorClasses, Casts, Transforms, Languages, AccessMethods];

    private static string Routines(int major) => $"""
        SELECT {Object("p", "CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END", "n.nspname", "p.proname", "'(' || oidvectortypes(p.proargtypes) || ')'")},
               {Owner("p.proowner")}, pg_get_function_arguments(p.oid) AS "arguments", pg_get_function_result(p.oid) AS "result type", l.lanname AS "language", p.prokind = 'w' AS "window",
               CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS "volatility",
               CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END AS "parallel",
               CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END AS "security", p.proisstrict AS "strict", p.proleakproof AS "leakproof",
               p.procost::text AS "cost", nullif(p.prorows, 0)::text AS "rows", {Function("p.prosupport")} AS "support function",
               CASE WHEN p.proconfig IS NOT NULL THEN {List("p.proconfig")} END AS "configuration parameters",
               CASE WHEN p.protrftypes IS NOT NULL THEN (SELECT string_agg(format_type(t, NULL), ', ' ORDER BY o) FROM unnest(p.protrftypes) WITH ORDINALITY x(t, o)) END AS "transforms",
               {(major >= 14 ? $"""pg_get_function_sqlbody(p.oid) AS "{DefinitionReader.SqlBody}", CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END""" : "p.prosrc")} AS "body", p.probin AS "object file"
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
        WHERE p.prokind <> 'a' AND {UserSchemas}
        """;

    private static readonly string Aggregates = $"""
        SELECT {Object("p", "'aggregate'", "n.nspname", "p.proname", "'(' || CASE p.pronargs WHEN 0 THEN '*' ELSE oidvectortypes(p.proargtypes) END || ')'")},
               {Owner("p.proowner")}, pg_get_function_arguments(p.oid) AS "arguments", CASE a.aggkind WHEN 'o' THEN 'ordered-set' WHEN 'h' THEN 'hypothetical-set' END AS "kind",
               a.aggtransfn::regproc::text AS "state transition function", format_type(a.aggtranstype, NULL) AS "state data type", nullif(a.aggtransspace, 0)::text AS "state data size",
               a.agginitval AS "initial condition", {Function("a.aggfinalfn")} AS "final function", a.aggfinalextra AS "final function extra arguments", a.aggfinalmodify::text AS "final function modify",
               {Function("a.aggcombinefn")} AS "combine function", {Function("a.aggserialfn")} AS "serialization function", {Function("a.aggdeserialfn")} AS "deserialization function",
               {Function("a.aggmtransfn")} AS "moving-aggregate transition function", {Function("a.aggminvtransfn")} AS "moving-aggregate inverse transition function",
               CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS "moving-aggregate state data type", nullif(a.aggmtransspace, 0)::text AS "moving-aggregate state data size",
               a.aggminitval AS "moving-aggregate initial condition", {Function("a.aggmfinalfn")} AS "moving-aggregate final function",
               a.aggmfinalextra AS "moving-aggregate final function extra arguments", a.aggmfinalmodify::text AS "moving-aggregate final function modify",
               CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator::text END AS "sort operator",
               CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END AS "parallel"
        FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {UserSchemas}
        """;

    private static readonly string Operators = $"""
        SELECT {Object("o", "'operator'", "n.nspname", "NULL", "quote_ident(n.nspname) || '.' || o.oprname || ' (' || CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', ' || CASE o.oprright WHEN 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')'")},
               {Owner("o.oprowner")}, o.oprcode::regproc::text AS "function", CASE WHEN o.oprcom <> 0 THEN o.oprcom::regoperator::text END AS "commutator",
               CASE WHEN o.oprnegate <> 0 THEN o.oprnegate::regoperator::text END AS "negator", {Function("o.oprrest")} AS "restriction selectivity function",
               {Function("o.oprjoin")} AS "join selectivity function", o.oprcanhash AS "hashes", o.oprcanmerge AS "merges"
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
        WHERE o.oprcode <> 0 AND {UserSchemas}
        """;

    private static readonly string OperatorFamilies = $"""
        SELECT {Object("f", "'operator family'", "n.nspname", "f.opfname", "' using ' || a.amname")}, {Owner("f.opfowner")}, {Members("pg_opfamily", "f")}
        FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
        WHERE {UserSchemas}
        """;

    private static readonly string OperatorClasses = $"""
        SELECT {Object("c", "'operator class'", "n.nspname", "c.opcname", "' using ' || a.amname")}, {Owner("c.opcowner")},
               format_type(c.opcintype, NULL) AS "data type", c.opcdefault AS "default operator class", CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS "storage type",
               {Qualified("fn.nspname", "f.opfname")} AS "operator family", {Members("pg_opclass", "c")}
        FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am a ON a.oid = c.opcmethod
        JOIN pg_opfamily f ON f.oid = c.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace
        WHERE {UserSchemas}
        """;

    private static string Members(string catalog, string alias) => $"""
        (SELECT string_agg(m.text, ', ' ORDER BY m.text) FROM (
            SELECT o.amopstrategy || ' ' || o.amopopr::regoperator::text || CASE WHEN o.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (SELECT s.opfname FROM pg_opfamily s WHERE s.oid = o.amopsortfamily) ELSE '' END AS text
            FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid
            WHERE d.refclassid = '{catalog}'::regclass AND d.refobjid = {alias}.oid AND d.classid = 'pg_amop'::regclass) m) AS "operators",
        (SELECT string_agg(m.text, ', ' ORDER BY m.text) FROM (
            SELECT p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', ' || format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure::text AS text
            FROM pg_depend d JOIN pg_amproc p ON p.oid = d.objid
            WHERE d.refclassid = '{catalog}'::regclass AND d.refobjid = {alias}.oid AND d.classid = 'pg_amproc'::regclass) m) AS "functions"
        """;

    private static readonly string Casts = $"""
        SELECT {Object("c", "'cast'", "NULL", "NULL", "'(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')'")},
               CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT' ELSE c.castfunc::regprocedure::text END AS "function",
               CASE c.castcontext WHEN 'a' THEN 'ASSIGNMENT' WHEN 'i' THEN 'IMPLICIT' ELSE 'EXPLICIT' END AS "context"
        FROM pg_cast c
        WHERE c.oid >= {FirstOid}
        """;

    private static readonly string Transforms = $"""
        SELECT {Object("t", "'transform'", "NULL", "NULL", "'for ' || format_type(t.trftype, NULL) || ' language ' || quote_ident(l.lanname)")},
               CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::regprocedure::text END AS "FROM SQL function", CASE WHEN t.trftosql <> 0 THEN t.trftosql::regprocedure::text END AS "TO SQL function"
        FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
        WHERE t.oid >= {FirstOid}
        """;

    private static readonly string Languages = $"""
        SELECT {Object("l", "'language'", "NULL", "l.lanname")}, {Owner("l.lanowner")}, l.lanpltrusted AS "trusted", {Function("l.lanplcallfoid")} AS "handler",
               {Function("l.laninline")} AS "inline handler", {Function("l.lanvalidator")} AS "validator"
        FROM pg_language l
        WHERE l.oid >= {FirstOid}
        """;

    private static readonly string AccessMethods = $"""
        SELECT {Object("a", "'access method'", "NULL", "a.amname")}, CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END AS "type", a.amhandler::regproc::text AS "handler"
        FROM pg_am a
        WHERE a.oid >= {FirstOid}
        """;
}
