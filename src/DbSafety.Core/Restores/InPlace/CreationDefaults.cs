namespace DbSafety.Restores.InPlace;

/// <summary>
/// Statements that reset objects that stay in an emptied database to the properties of a new database. A dump contains only the differences from these: privileges of
/// schemas, of PostgreSQL's own objects and of extensions' objects, default privileges, and comments of schemas. Objects that this role does not own are unchanged.
/// </summary>
internal static class CreationDefaults
{
    /// <param name="major">The server's version.</param>
    public static async Task RestoreAsync(PsqlSession session, int major, CancellationToken ct)
    {
        await session.ExecuteAsync(await StatementsAsync(session, $"{DefaultPrivileges} UNION ALL {Schemas(major)}", ct), ct);
        // With the current owners of the schemas.
        await session.ExecuteAsync(await StatementsAsync(session, Privileges(major), ct), ct);
    }

    private static Task<List<string>> StatementsAsync(PsqlSession session, string sql, CancellationToken ct) => session.ListAsync(
        $"SELECT s.sql AS statement FROM ({sql}) AS s (rank, object, part, sql) ORDER BY s.rank, s.object, s.part, s.sql", r => r.GetProperty("statement").GetString()!, ct);

    /// <summary>PostgreSQL removes default privileges that are those of a new database.</summary>
    private const string DefaultPrivileges = """
        SELECT 1, d.oid::pg_catalog.int8, x.part,
               format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s %s ON %s %s %s', r.rolname, ' IN SCHEMA ' || pg_catalog.quote_ident(n.nspname), CASE x.part WHEN 0 THEN 'REVOKE ALL' ELSE 'GRANT ' || x.privileges END,
                      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
                      CASE x.part WHEN 0 THEN 'FROM' ELSE 'TO' END, CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END)
        FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
        CROSS JOIN LATERAL (
            SELECT DISTINCT 0 AS part, a.grantee, '' AS privileges FROM pg_catalog.aclexplode(d.defaclacl) a
            UNION ALL
            SELECT 1, a.grantee, pg_catalog.string_agg(a.privilege_type, ', ')
            FROM pg_catalog.aclexplode(pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE d.defaclobjtype END, d.defaclrole)) a WHERE d.defaclnamespace = 0 GROUP BY a.grantee) x
        WHERE pg_catalog.pg_has_role(d.defaclrole, 'USAGE') AND (d.defaclnamespace = 0 OR pg_catalog.has_schema_privilege(d.defaclrole, d.defaclnamespace, 'CREATE'))
        """;

    /// <summary>Comments, and the owner of public.</summary>
    private static string Schemas(int major) => $"""
        SELECT 2, n.oid::pg_catalog.int8, 0, format('COMMENT ON SCHEMA %I IS %s', n.nspname, CASE n.nspname WHEN 'public' THEN '''standard public schema''' ELSE 'NULL' END)
        FROM pg_catalog.pg_namespace n
        WHERE {UserObjects.Schema("n")} AND NOT {UserObjects.OfExtension("pg_namespace", "n")} AND pg_catalog.pg_has_role(n.nspowner, 'USAGE')
          AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM CASE n.nspname WHEN 'public' THEN 'standard public schema' END
        {(major < 15 ? "" : """
        UNION ALL
        SELECT 3, n.oid::pg_catalog.int8, 0, 'ALTER SCHEMA public OWNER TO pg_database_owner'
        FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
        WHERE n.nspname = 'public' AND pg_catalog.pg_get_userbyid(n.nspowner) <> 'pg_database_owner' AND pg_catalog.pg_has_role(n.nspowner, 'USAGE') AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
        """)}
        """;

    /// <summary>
    /// As pg_dump compares them: with what an object has from its creation (acldefault), or from initdb or its extension (pg_init_privs). With a table its
    /// columns, whose privileges are revoked with the table's.
    /// </summary>
    private static string Privileges(int major) => $"""
        SELECT 4, b.objid::pg_catalog.int8, b.sub * 2 + x.part,
               CASE x.part WHEN 0 THEN format('REVOKE ALL%s ON %s FROM %s CASCADE', b.columns, b.target, x.grantees) ELSE format('GRANT %s ON %s TO %s%s', x.privileges, b.target, x.grantees, CASE WHEN x.grantable THEN ' WITH GRANT OPTION' ELSE '' END) END
        FROM (
            SELECT a.*, bool_or(NOT (a.acl @> a.base AND a.base @> a.acl)) OVER (PARTITION BY a.classid, a.objid) AS changed
            FROM (
                SELECT o.*, coalesce(i.initprivs, {Public(major)}, pg_catalog.acldefault(o.type, o.owner)) AS base
                FROM ({Objects}) AS o (classid, objid, sub, type, owner, acl, columns, target, name)
                LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.sub AND o.name IS NULL
                WHERE pg_catalog.pg_has_role(o.owner, 'USAGE')) AS a) AS b
        CROSS JOIN LATERAL (
            SELECT 0 AS part, NULL::text AS privileges, false AS grantable, pg_catalog.string_agg(DISTINCT {Grantee}, ', ') AS grantees FROM pg_catalog.aclexplode(b.acl) e HAVING count(*) > 0
            UNION ALL
            SELECT 1, pg_catalog.string_agg(e.privilege_type || b.columns, ', '), e.is_grantable, {Grantee} FROM pg_catalog.aclexplode(b.base) e GROUP BY e.grantee, e.is_grantable) AS x
        WHERE b.changed
        """;

    private const string Grantee = "CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) END";

    /// <summary>What the schema public of a new database has, whoever its owner is.</summary>
    private static string Public(int major) =>
        $"CASE o.name WHEN 'public' THEN pg_catalog.acldefault('n', o.owner) || pg_catalog.makeaclitem(0, o.owner, 'USAGE', false){(major >= 15 ? "" : " || pg_catalog.makeaclitem(0, o.owner, 'CREATE', false)")} END";

    /// <summary>The privileges in information_schema are in no dump, and not in pg_init_privs.</summary>
    private static string Dumped(string schema) => $"{schema} IS DISTINCT FROM pg_catalog.to_regnamespace('information_schema')";

    private static readonly string Objects = $"""
        SELECT c.tableoid, c.oid, 0, CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner, c.relacl, '', format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname), NULL::name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND {Dumped("c.relnamespace")}
        UNION ALL
        SELECT c.tableoid, c.oid, a.attnum, 'c', c.relowner, a.attacl, format(' (%I)', a.attname), format('TABLE %I.%I', n.nspname, c.relname), NULL
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND {Dumped("c.relnamespace")}
        UNION ALL SELECT p.tableoid, p.oid, 0, 'f', p.proowner, p.proacl, '', 'ROUTINE ' || p.oid::pg_catalog.regprocedure, NULL FROM pg_catalog.pg_proc p WHERE p.proacl IS NOT NULL AND {Dumped("p.pronamespace")}
        UNION ALL SELECT t.tableoid, t.oid, 0, 'T', t.typowner, t.typacl, '', 'TYPE ' || t.oid::pg_catalog.regtype, NULL FROM pg_catalog.pg_type t WHERE t.typacl IS NOT NULL AND {Dumped("t.typnamespace")}
        UNION ALL SELECT l.tableoid, l.oid, 0, 'l', l.lanowner, l.lanacl, '', format('LANGUAGE %I', l.lanname), NULL FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL
        UNION ALL SELECT f.tableoid, f.oid, 0, 'F', f.fdwowner, f.fdwacl, '', format('FOREIGN DATA WRAPPER %I', f.fdwname), NULL FROM pg_catalog.pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL
        UNION ALL SELECT s.tableoid, s.oid, 0, 'S', s.srvowner, s.srvacl, '', format('FOREIGN SERVER %I', s.srvname), NULL FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL
        UNION ALL SELECT n.tableoid, n.oid, 0, 'n', n.nspowner, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)), '', format('SCHEMA %I', n.nspname), CASE n.nspname WHEN 'public' THEN n.nspname END
                  FROM pg_catalog.pg_namespace n WHERE (n.nspacl IS NOT NULL OR n.nspname = 'public') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)' AND {Dumped("n.oid")}
        """;
}
