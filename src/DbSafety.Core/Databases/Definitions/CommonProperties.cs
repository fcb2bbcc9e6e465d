using static DbSafety.Databases.Definitions.DefinitionSql;

namespace DbSafety.Databases.Definitions;

/// <summary>
/// Properties of objects of all kinds: comments, security labels and privileges. Each query returns an object's catalog, OID and column, a property and its
/// value, and the object's name if it belongs to PostgreSQL or an extension.
/// </summary>
internal static class CommonProperties
{
    public static IEnumerable<string> Queries(int major) => [Comments, SecurityLabels, Privileges(major)];

    /// <summary>Members of extensions, and functions and casts that another object creates: neither is dumped separately.</summary>
    public const string Members = """
        SELECT classid, objid FROM pg_depend
        WHERE deptype = 'e' OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))
        """;

    public static readonly string DefaultPrivileges = $"""
        SELECT {Object("d", "'default privileges'", "NULL", "NULL", """
            'for role ' || quote_ident(pg_get_userbyid(d.defaclrole)) || coalesce(' in schema ' || quote_ident(n.nspname), '')
            || ' on ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END
            """)}
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        """;

    private const string Comments = $"""
        SELECT d.classoid, d.objoid, d.objsubid, 'comment', d.description, NULL::text
        FROM pg_description d
        WHERE d.objoid >= {FirstOid}
           OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = (SELECT oid FROM pg_namespace WHERE nspname = 'public') AND d.description <> 'standard public schema')
        """;

    private const string SecurityLabels = "SELECT classoid, objoid, objsubid, 'security label of ' || provider, label, NULL::text FROM pg_seclabel";

    /// <summary>
    /// Compared with the initial privileges of an object (acldefault, or pg_init_privs from initdb or its extension) for each role, as pg_dump does.
    /// </summary>
    private static string Privileges(int major) => $"""
        WITH acls AS (
            SELECT c.tableoid AS classid, c.oid AS objid, 0 AS sub, CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END AS type, c.relowner AS owner, c.relacl AS acl FROM pg_class c WHERE c.relacl IS NOT NULL
            UNION ALL SELECT c.tableoid, c.oid, a.attnum, 'c', c.relowner, a.attacl FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
            UNION ALL SELECT p.tableoid, p.oid, 0, 'f', p.proowner, p.proacl FROM pg_proc p WHERE p.proacl IS NOT NULL
            UNION ALL SELECT t.tableoid, t.oid, 0, 'T', t.typowner, t.typacl FROM pg_type t WHERE t.typacl IS NOT NULL
            UNION ALL SELECT l.tableoid, l.oid, 0, 'l', l.lanowner, l.lanacl FROM pg_language l WHERE l.lanacl IS NOT NULL
            UNION ALL SELECT f.tableoid, f.oid, 0, 'F', f.fdwowner, f.fdwacl FROM pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL
            UNION ALL SELECT s.tableoid, s.oid, 0, 'S', s.srvowner, s.srvacl FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL
            UNION ALL SELECT n.tableoid, n.oid, 0, 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND n.nspname <> 'public'
        ), based AS (
            SELECT a.classid, a.objid, a.sub, a.owner, a.acl, coalesce(i.initprivs, acldefault(a.type, a.owner)) AS base
            FROM acls a LEFT JOIN pg_init_privs i ON i.classoid = a.classid AND i.objoid = a.objid AND i.objsubid = a.sub
            WHERE a.acl IS DISTINCT FROM i.initprivs
            UNION ALL SELECT n.tableoid, n.oid, 0, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)),
                             acldefault('n', n.nspowner) || makeaclitem(0, n.nspowner, 'USAGE', false){(major >= 15 ? "" : " || makeaclitem(0, n.nspowner, 'CREATE', false)")}
            FROM pg_namespace n WHERE n.nspname = 'public'
            UNION ALL SELECT d.tableoid, d.oid, 0, d.defaclrole, d.defaclacl,
                             CASE d.defaclnamespace WHEN 0 THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE d.defaclobjtype END, d.defaclrole) END
            FROM pg_default_acl d
        ), items AS (
            SELECT b.classid, b.objid, b.sub, b.owner, x.grantee, x.now,
                   x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END || CASE WHEN x.grantor <> b.owner THEN ' granted by ' || pg_get_userbyid(x.grantor) ELSE '' END AS privilege
            FROM based b CROSS JOIN LATERAL (
                SELECT true AS now, e.* FROM aclexplode(b.acl) e
                -- Whoever owned it then, the owner's are the owner's.
                UNION ALL SELECT false, b.owner, CASE e.grantee WHEN e.grantor THEN b.owner ELSE e.grantee END, e.privilege_type, e.is_grantable FROM aclexplode(b.base) e
            ) x
        )
        SELECT i.classid, i.objid, i.sub, 'privileges of ' || CASE WHEN i.grantee = 0 THEN 'PUBLIC' WHEN i.grantee = i.owner THEN 'the owner' ELSE pg_get_userbyid(i.grantee)::text END,
               coalesce(string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE i.now), 'none'),
               CASE WHEN i.objid < {FirstOid} OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = i.classid AND d.objid = i.objid AND d.deptype = 'e')
                    THEN (SELECT replace(o.type, 'table column', 'column') || ' ' || o.identity FROM pg_identify_object(i.classid, i.objid, i.sub) o) END
        FROM items i
        GROUP BY i.classid, i.objid, i.sub, i.owner, i.grantee
        HAVING string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE i.now) IS DISTINCT FROM string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE NOT i.now)
        """;
}
