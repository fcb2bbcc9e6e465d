using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>A piece of code in a database, or an object that calls code implicitly.</summary>
/// <param name="IsOpaque">A routine whose code cannot be analysed.</param>
/// <param name="Source">With the names of what it calls; without comments, where these are certain.</param>
internal sealed record DatabaseCode(string Kind, string Name, bool IsOpaque, bool IsOfExtension, string Source)
{
    /// <summary>It is called by its name.</summary>
    public bool IsNamed => Kind is "routine" or "view" or "materialized view" or "foreign table";

    public static DatabaseCode Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), OutsideWords.WithoutComments(row.GetString(4)));

    public override string ToString() => $"{Kind} {Name}";

    /// <summary>All of it. Extensions' own C functions are known by their names.</summary>
    public const string Sources =
        """
        WITH system AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema')),
        member AS MATERIALIZED (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
        routine AS (
            SELECT p.oid, p.proname, p.prokind, p.prosrc, l.lanname, l.lanpltrusted, m.objid IS NOT NULL AS extension,
                   COALESCE((SELECT pg_catalog.string_agg(DISTINCT ' "' || f.proname || '"', '') FROM pg_catalog.pg_depend d
                             JOIN pg_catalog.pg_proc f ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid = d.refobjid
                             WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'n'), '') AS calls
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            LEFT JOIN member m ON m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND m.objid = p.oid
            WHERE p.pronamespace NOT IN (SELECT oid FROM system))
        SELECT 'routine', proname::text, lanname = 'c' AND NOT extension OR lanname NOT IN ('internal', 'c') AND NOT lanpltrusted, extension,
               CASE WHEN lanname = 'c' OR lanname = 'internal' AND extension THEN '' WHEN prosrc = '' AND prokind IN ('f', 'p') THEN pg_catalog.pg_get_functiondef(oid) ELSE prosrc END || calls
        FROM routine
        UNION ALL
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.relname::text, false, m.objid IS NOT NULL, pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c
        LEFT JOIN member m ON m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objid = c.oid
        WHERE c.relkind IN ('v', 'm') AND c.relnamespace NOT IN (SELECT oid FROM system)
        UNION ALL
        SELECT 'foreign table', c.relname::text, false, true, 'COPY FROM PROGRAM ''''' FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
        WHERE EXISTS (SELECT FROM pg_catalog.unnest(f.ftoptions) o WHERE o LIKE 'program=%')
        UNION ALL
        SELECT 'trigger', t.tgname::text, false, false, pg_catalog.format('"%s" %s', p.proname, CASE WHEN t.tgqual IS NOT NULL THEN pg_catalog.pg_get_triggerdef(t.oid) END)
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
        UNION ALL
        SELECT 'event trigger', e.evtname::text, false, false, pg_catalog.format('"%s"', p.proname) FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
        UNION ALL
        SELECT 'the default of a column of table', c.relname::text, false, false, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_class c ON c.oid = d.adrelid
        UNION ALL
        SELECT 'the default of domain', t.typname::text, false, false, t.typdefault FROM pg_catalog.pg_type t
        WHERE t.typtype = 'd' AND t.typdefault IS NOT NULL AND t.typnamespace NOT IN (SELECT oid FROM system)
        UNION ALL
        SELECT 'the partition key of table', c.relname::text, false, false, pg_catalog.pg_get_partkeydef(c.oid) FROM pg_catalog.pg_class c WHERE c.relkind = 'p'
        UNION ALL
        SELECT 'extended statistics', s.stxname::text, false, false, pg_catalog.pg_get_statisticsobjdef(s.oid) FROM pg_catalog.pg_statistic_ext s
        UNION ALL
        SELECT 'operator', o.oprname::text, false, m.objid IS NOT NULL, pg_catalog.format('"%s"', p.proname) FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid IN (o.oprcode, o.oprrest, o.oprjoin)
        LEFT JOIN member m ON m.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND m.objid = o.oid WHERE o.oid >= 16384
        UNION ALL
        SELECT 'cast to', pg_catalog.format_type(c.casttarget, NULL), false, false, pg_catalog.format('"%s"', p.proname) FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc WHERE c.oid >= 16384
        UNION ALL
        SELECT 'operator family', f.opfname::text, false, false, pg_catalog.format('"%s"', p.proname) FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_proc p ON p.oid = a.amproc
        JOIN pg_catalog.pg_opfamily f ON f.oid = a.amprocfamily WHERE a.oid >= 16384
        UNION ALL
        SELECT 'aggregate', a.aggfnoid::pg_catalog.regproc::text, false, false, pg_catalog.format('"%s"', p.proname) FROM pg_catalog.pg_aggregate a
        JOIN pg_catalog.pg_proc p ON p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn) WHERE a.aggfnoid::pg_catalog.oid >= 16384
        UNION ALL
        SELECT 'policy', p.polname::text, false, false, pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_catalog.pg_policy p
        UNION ALL
        SELECT 'index', c.relname::text, false, false, pg_catalog.pg_get_indexdef(c.oid) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
        UNION ALL
        SELECT 'check constraint', c.conname::text, false, false, pg_catalog.pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint c WHERE c.contype = 'c' AND c.connamespace NOT IN (SELECT oid FROM system)
        UNION ALL
        SELECT 'rule', r.rulename::text, false, false, pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite r
        WHERE r.rulename <> '_RETURN' AND r.ev_class >= 16384
        """;

    /// <summary>Extensions whose functions cannot be analysed, except those named in the parameter.</summary>
    public const string UnknownExtensions =
        """
        SELECT DISTINCT e.extname::text FROM pg_catalog.pg_extension e
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.deptype = 'e'
        JOIN pg_catalog.pg_proc p ON p.oid = d.objid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE e.extname <> ALL ($1) AND (l.lanname = 'c' OR NOT l.lanpltrusted AND l.lanname <> 'internal' OR p.prosrc ~* '\mexecute\M') ORDER BY 1
        """;

    /// <summary>Whether the role has server-wide privileges.</summary>
    public const string ActsOnServer =
        """
        SELECT rolsuper OR rolcreaterole OR EXISTS (
            SELECT FROM pg_catalog.pg_roles r WHERE r.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_signal_backend', 'pg_create_subscription')
            AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER'))
        FROM pg_catalog.pg_roles WHERE rolname = current_user
        """;
}
