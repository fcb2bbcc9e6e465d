using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// What DROP … CASCADE also drops, by pg_depend (https://www.postgresql.org/docs/current/catalog-pg-depend.html): each column, table and materialized view with a separate finding, everything else by name.
/// </summary>
internal static class LiveCascadeDrops
{
    /// <summary>What it starts from: $1 is what is dropped, $2 its names, $3 a column or constraint of it, $4 the schema of unqualified names. All overloads of a function or operator are included.</summary>
    private const string Start =
        """
        names(space, name) AS (
            SELECT CASE WHEN pg_catalog.cardinality(i) > 1 THEN i[1] END, i[pg_catalog.cardinality(i)] FROM pg_catalog.unnest($2) n, pg_catalog.parse_ident(n) i WHERE $1 <> 'operator'
            UNION ALL SELECT pg_catalog.btrim(pg_catalog.substring(i[1], '^(.*)\.'), '" '), pg_catalog.substring(i[1], '[^.[:space:]]+$') FROM pg_catalog.unnest($2) n, pg_catalog.parse_ident(n) i WHERE $1 = 'operator'
        ), objects(kind, class, oid, space, name) AS (
            SELECT 'routine', 'pg_catalog.pg_proc'::regclass::oid, oid, pronamespace, proname FROM pg_catalog.pg_proc
            UNION ALL SELECT 'textsearch', 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace, cfgname FROM pg_catalog.pg_ts_config
            UNION ALL SELECT 'textsearch', 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace, dictname FROM pg_catalog.pg_ts_dict
            UNION ALL SELECT 'textsearch', 'pg_catalog.pg_ts_parser'::regclass, oid, prsnamespace, prsname FROM pg_catalog.pg_ts_parser
            UNION ALL SELECT 'textsearch', 'pg_catalog.pg_ts_template'::regclass, oid, tmplnamespace, tmplname FROM pg_catalog.pg_ts_template
            UNION ALL SELECT 'collation', 'pg_catalog.pg_collation'::regclass, oid, collnamespace, collname FROM pg_catalog.pg_collation
            UNION ALL SELECT 'operator', 'pg_catalog.pg_operator'::regclass, oid, oprnamespace, oprname FROM pg_catalog.pg_operator
            UNION ALL SELECT 'accessmethod', 'pg_catalog.pg_am'::regclass, oid, 0, amname FROM pg_catalog.pg_am
            UNION ALL SELECT 'operatorclass', 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace, opcname FROM pg_catalog.pg_opclass
            UNION ALL SELECT 'operatorfamily', 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace, opfname FROM pg_catalog.pg_opfamily
            UNION ALL SELECT 'extension', 'pg_catalog.pg_extension'::regclass, oid, 0, extname FROM pg_catalog.pg_extension
            UNION ALL SELECT 'language', 'pg_catalog.pg_language'::regclass, oid, 0, lanname FROM pg_catalog.pg_language
            UNION ALL SELECT 'server', 'pg_catalog.pg_foreign_server'::regclass, oid, 0, srvname FROM pg_catalog.pg_foreign_server
            UNION ALL SELECT 'foreigndatawrapper', 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, 0, fdwname FROM pg_catalog.pg_foreign_data_wrapper
        ), moved(class, oid) AS (
            SELECT 'pg_catalog.pg_class'::regclass::oid, to_regclass(n)::oid FROM pg_catalog.unnest($5::text[]) n
            UNION SELECT d.classid, d.objid FROM pg_catalog.unnest($5::text[]) n JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = to_regclass(n) AND d.deptype IN ('a', 'i')
        ), start(class, oid, sub) AS (
            SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum::int FROM pg_catalog.pg_attribute a
                WHERE $1 = 'column' AND a.attrelid = to_regclass($2[1]) AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, 0 FROM pg_catalog.pg_constraint c WHERE $1 = 'constraint' AND c.conrelid = to_regclass($2[1]) AND c.conname = $3
            UNION SELECT 'pg_catalog.pg_class'::regclass, to_regclass(n), 0 FROM pg_catalog.unnest($2) n WHERE $1 = 'relation' AND to_regclass(n) IS NOT NULL
            UNION SELECT 'pg_catalog.pg_type'::regclass, to_regtype(n), 0 FROM pg_catalog.unnest($2) n WHERE $1 = 'type' AND to_regtype(n) IS NOT NULL
            UNION SELECT d.classid, d.objid, 0 FROM names n JOIN pg_catalog.pg_namespace s ON s.nspname = n.name
                JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = s.oid WHERE $1 = 'schema' AND NOT EXISTS (SELECT FROM moved m WHERE m.class = d.classid AND m.oid = d.objid)
            UNION SELECT o.class, o.oid, 0 FROM objects o JOIN names n ON n.name = o.name LEFT JOIN pg_catalog.pg_namespace s ON s.oid = o.space
                WHERE o.kind = $1 AND (s.oid IS NULL OR s.nspname = n.space OR (n.space IS NULL AND (s.nspname = $4 OR s.nspname = ANY (pg_catalog.current_schemas(false)))))
        )
        """;

    /// <summary>The same column of tables that inherit it.</summary>
    private const string Children =
        """
        SELECT h.classid, h.attrelid, h.attnum::int FROM (
            SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.attrelid, c.attnum FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent
                JOIN pg_catalog.pg_attribute c ON c.attrelid = i.inhrelid AND c.attname = p.attname AND NOT c.attisdropped
            WHERE a.class = 'pg_catalog.pg_class'::regclass AND a.sub > 0 AND i.inhparent = a.oid AND p.attnum = a.sub) h
        """;

    private const string Sql =
        $"""
        WITH RECURSIVE {Start}, own(class, oid, sub) AS (
            SELECT class, oid, sub FROM start UNION SELECT x.* FROM own a CROSS JOIN LATERAL ({Children}) x
        ), along(class, oid, sub) AS (
            SELECT class, oid, sub FROM own
            UNION SELECT d.classid, d.objid, d.objsubid FROM along a JOIN pg_catalog.pg_depend d ON d.refclassid = a.class AND d.refobjid = a.oid AND (a.sub = 0 OR d.refobjsubid = a.sub)
                WHERE d.deptype IN ('a', 'i', 'P', 'S')
        ), gone(class, oid, sub) AS (
            SELECT class, oid, sub FROM own
            UNION SELECT x.* FROM gone a CROSS JOIN LATERAL (
                SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d WHERE d.refclassid = a.class AND d.refobjid = a.oid AND (a.sub = 0 OR d.refobjsubid = a.sub)
                UNION ALL SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d WHERE d.classid = a.class AND d.objid = a.oid AND d.objsubid = a.sub AND d.deptype = 'i'
                UNION ALL {Children}) x
        ), relations(oid) AS (SELECT oid FROM gone WHERE class = 'pg_catalog.pg_class'::regclass AND sub = 0),
        columns(oid, sub) AS (SELECT oid, sub FROM gone WHERE class = 'pg_catalog.pg_class'::regclass AND sub > 0)
        SELECT 'column', n.nspname::text, c.relname::text, a.attname::text, '' FROM columns g JOIN pg_catalog.pg_class c ON c.oid = g.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = g.oid AND a.attnum = g.sub
            WHERE c.relkind IN ('r', 'p', 'f') AND a.attislocal AND g.oid NOT IN (SELECT oid FROM relations) AND NOT EXISTS (SELECT FROM own o WHERE o.oid = g.oid AND o.sub = g.sub)
        UNION SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'table' END, n.nspname, c.relname, '', '' FROM relations g JOIN pg_catalog.pg_class c ON c.oid = g.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'f', 'm') AND CASE WHEN $1 = 'schema' THEN n.nspname NOT IN (SELECT name FROM names) OR g.oid IN (SELECT oid FROM moved)
                ELSE NOT EXISTS (SELECT FROM along o WHERE o.class = 'pg_catalog.pg_class'::regclass AND o.oid = g.oid)
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN relations r ON r.oid = i.inhparent WHERE i.inhrelid = g.oid) END
        UNION SELECT 'other', coalesce(n.nspname, pn.nspname, ''), coalesce(c.relname, p.proname, ''), coalesce(t.tgname, l.polname, k.conname, a.attname, r.rulename, ''), pg_catalog.pg_describe_object(g.class, g.oid, g.sub)
            FROM gone g
            LEFT JOIN pg_catalog.pg_rewrite r ON g.class = 'pg_catalog.pg_rewrite'::regclass AND r.oid = g.oid
            LEFT JOIN pg_catalog.pg_trigger t ON g.class = 'pg_catalog.pg_trigger'::regclass AND t.oid = g.oid
            LEFT JOIN pg_catalog.pg_policy l ON g.class = 'pg_catalog.pg_policy'::regclass AND l.oid = g.oid
            LEFT JOIN pg_catalog.pg_constraint k ON g.class = 'pg_catalog.pg_constraint'::regclass AND k.oid = g.oid
            LEFT JOIN pg_catalog.pg_attrdef e ON g.class = 'pg_catalog.pg_attrdef'::regclass AND e.oid = g.oid
            LEFT JOIN pg_catalog.pg_index x ON g.class = 'pg_catalog.pg_class'::regclass AND g.sub = 0 AND x.indexrelid = g.oid
            LEFT JOIN pg_catalog.pg_class c ON c.oid = coalesce(r.ev_class, t.tgrelid, l.polrelid, nullif(k.conrelid, 0), e.adrelid, CASE WHEN g.class = 'pg_catalog.pg_class'::regclass THEN g.oid END)
            LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
            LEFT JOIN pg_catalog.pg_proc p ON g.class = 'pg_catalog.pg_proc'::regclass AND p.oid = g.oid LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
            WHERE NOT EXISTS (SELECT FROM along o WHERE o.class = g.class AND o.oid = g.oid AND (o.sub = 0 OR o.sub = g.sub))
                AND ((g.class = 'pg_catalog.pg_class'::regclass AND g.sub = 0 AND c.relkind = 'v')
                    OR (coalesce(r.ev_class, t.tgrelid, l.polrelid, nullif(k.conrelid, 0), e.adrelid, x.indrelid, 0) NOT IN (SELECT oid FROM relations) AND (e.oid IS NULL OR (e.adrelid, e.adnum::int) NOT IN (SELECT oid, sub FROM columns))
                        AND (t.oid IS NULL OR NOT t.tgisinternal) AND (c.relkind IS NULL OR c.relkind NOT IN ('t', 'c')) AND NOT (g.class = 'pg_catalog.pg_class'::regclass AND (g.sub > 0 OR c.relkind IN ('r', 'p', 'f', 'm')))
                        AND EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN gone o ON d.refclassid = o.class AND d.refobjid = o.oid AND (o.sub = 0 OR o.sub = d.refobjsubid)
                            WHERE d.classid = g.class AND d.objid = g.oid AND d.deptype = 'n')))
        ORDER BY 1, 2, 3, 4, 5
        """;

    private sealed record Taken(string What, RelationName Relation, string Part, string Text);

    /// <summary>Empty for kinds of objects without stored dependents.</summary>
    public static async Task<IReadOnlyList<MigrationFinding>> ReadAsync(NpgsqlTransaction transaction, string defaultSchema, MigrationFinding cause, LiveDependents question, CancellationToken ct)
    {
        string[] names = [.. question.Names.Select(n => n.Sql)];
        var all = await transaction.Connection!.ListAsync(Sql, r => new Taken(r.GetString(0), new RelationName(r.GetString(1), r.GetString(2)), r.GetString(3), r.GetString(4)), ct,
            KindOf(question.Kind), (object)names, question.Part ?? "", defaultSchema, question.Without.Select(w => w.Sql).ToArray());
        var taken = all.Where(t => !LiveBlockers.IsGone(question, defaultSchema, t.Relation, t.Part)).ToList();
        // The finding of the statement itself covers these columns, with a single allowance.
        if (question.Kind is ObjectKind.Type or ObjectKind.Domain or ObjectKind.Collation or ObjectKind.Extension)
            taken = [.. taken.Select(t => t.What == "column" ? t with { What = "other", Text = $"column {t.Relation.Display(defaultSchema)}.{SqlName.DisplayBehindDot(t.Part)}" } : t)];
        var findings = taken.Where(t => t.What == "column").Select(t => Column(cause, question, t, defaultSchema))
            .Concat(taken.Where(t => t.What is "table" or "materialized view").Select(t => Relation(cause, question, t, defaultSchema))).ToList();
        if (taken.Where(t => t.What == "other").Select(t => t.Text).ToList() is { Count: > 0 } others)
        {
            findings.Add(cause.Beside("drop-cascade", FindingSeverity.Breaking, $"{question.Does} and, by CASCADE, {string.Join(", ", others)}: queries and code that use {(others.Count == 1 ? "it" : "them")} fail",
                "Drop or change them by name first, and omit CASCADE, so that PostgreSQL refuses while an object depends on it."));
        }

        return findings;
    }

    private static string KindOf(ObjectKind kind) => kind switch
    {
        ObjectKind.Domain => "type",
        ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Aggregate or ObjectKind.Routine => "routine",
        _ when ObjectKinds.IsRelation(kind) => "relation",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static MigrationFinding Column(MigrationFinding cause, LiveDependents question, Taken taken, string defaultSchema)
    {
        var name = $"{taken.Relation.Display(defaultSchema)}.{SqlName.DisplayBehindDot(taken.Part)}";
        return cause.Beside("drop-column", FindingSeverity.Destructive, $"drops column {name}, which depends on what is dropped: {question.Does}, by CASCADE",
            "Omit CASCADE, so that PostgreSQL refuses while a column depends on it; copy the values to another table if they are still needed.") with
        {
            Object = name,
            Question = new LiveQuestion(LiveFactKind.Values, taken.Relation) { Column = taken.Part },
        };
    }

    private static MigrationFinding Relation(MigrationFinding cause, LiveDependents question, Taken taken, string defaultSchema)
    {
        var name = taken.Relation.Display(defaultSchema);
        return cause.Beside(taken.What == "table" ? "drop-table" : "drop-materialized-view", FindingSeverity.Destructive, $"drops {taken.What} {name}, which depends on what is dropped: {question.Does}, by CASCADE",
            $"Omit CASCADE, so that PostgreSQL refuses while a {taken.What} depends on it.") with
        {
            Object = name,
            Question = new LiveQuestion(LiveFactKind.Rows, taken.Relation, taken.What == "table" ? LiveReach.Partitions : LiveReach.Only),
        };
    }
}
