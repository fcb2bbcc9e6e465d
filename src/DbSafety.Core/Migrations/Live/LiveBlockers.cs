using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// Names the objects that make PostgreSQL refuse a change of a column's type, or a DROP without CASCADE (https://www.postgresql.org/docs/current/ddl-depend.html).
/// </summary>
internal static class LiveBlockers
{
    /// <summary>What it starts from: a column (with its number), a constraint, relations or types.</summary>
    private const string Start =
        """
        start(class, oid, sub) AS (
            SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum::int FROM pg_catalog.pg_attribute a
                WHERE $1 = 'column' AND a.attrelid = to_regclass($2[1]) AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, 0 FROM pg_catalog.pg_constraint c WHERE $1 = 'constraint' AND c.conrelid = to_regclass($2[1]) AND c.conname = $3
            UNION SELECT 'pg_catalog.pg_class'::regclass, to_regclass(n), 0 FROM pg_catalog.unnest($2) n WHERE $1 = 'relation' AND to_regclass(n) IS NOT NULL
            UNION SELECT 'pg_catalog.pg_type'::regclass, to_regtype(n), 0 FROM pg_catalog.unnest($2) n WHERE $1 = 'type' AND to_regtype(n) IS NOT NULL
            UNION SELECT 'pg_catalog.pg_proc'::regclass, CASE $4 WHEN '' THEN to_regproc(n)::oid ELSE to_regprocedure(n || $4)::oid END, 0 FROM pg_catalog.unnest($2) n WHERE $1 = 'routine'
            UNION SELECT 'pg_catalog.pg_extension'::regclass, e.oid, 0 FROM pg_catalog.pg_extension e WHERE $1 = 'extension' AND e.extname = (pg_catalog.parse_ident($2[1]))[1]
            UNION SELECT 'pg_catalog.pg_namespace'::regclass, s.oid, 0 FROM pg_catalog.pg_namespace s WHERE $1 = 'schema' AND s.nspname = (pg_catalog.parse_ident($2[1]))[1]
        )
        """;

    /// <summary>Objects that are dropped automatically, and objects that depend on them and are not.</summary>
    private const string DropSql =
        $"""
        WITH RECURSIVE {Start}, along(class, oid, sub) AS (
            SELECT class, oid, sub FROM start
            UNION SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d
                JOIN along a ON d.refclassid = a.class AND d.refobjid = a.oid AND (a.sub = 0 OR d.refobjsubid = a.sub) WHERE d.deptype IN ('a', 'i', 'P', 'S', 'e', 'x')
        ), found(class, oid, sub) AS (
            SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d JOIN along a ON d.refclassid = a.class AND d.refobjid = a.oid AND (a.sub = 0 OR d.refobjsubid = a.sub)
            WHERE d.deptype = 'n' AND NOT EXISTS (SELECT FROM along o WHERE o.class = d.classid AND o.oid = d.objid AND (o.sub = 0 OR o.sub = d.objsubid))
                -- The sequence of a column goes with it.
                AND NOT ($1 = 'schema' AND EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE o.classid = d.classid AND o.objid = d.objid AND o.objsubid = 0 AND o.deptype IN ('a', 'i')))
        )
        """;

    /// <summary>Objects that PostgreSQL cannot rebuild for another type, unlike indexes and constraints.</summary>
    private const string TypeSql =
        $"""
        WITH RECURSIVE {Start}, found(class, oid, sub) AS (
            SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d JOIN start s ON d.refclassid = s.class AND d.refobjid = s.oid AND d.refobjsubid = s.sub
            WHERE d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_publication_rel'::regclass)
                OR (d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid IN (SELECT oid FROM pg_catalog.pg_trigger WHERE NOT tgisinternal))
            UNION SELECT 'pg_catalog.pg_class'::regclass, g.attrelid, g.attnum FROM start s
                JOIN pg_catalog.pg_attribute g ON g.attrelid = s.oid AND g.attgenerated <> '' AND g.attnum <> s.sub
                JOIN pg_catalog.pg_attrdef e ON e.adrelid = g.attrelid AND e.adnum = g.attnum
                JOIN pg_catalog.pg_depend d ON d.refclassid = s.class AND d.refobjid = s.oid AND d.refobjsubid = s.sub
                    AND ((d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = e.oid) OR (d.classid = s.class AND d.objid = g.attrelid AND d.objsubid = g.attnum))
        )
        """;

    /// <summary>In the terms of users: the view of a rule _RETURN, the column of a default. Each with its relation and the part of it.</summary>
    private const string Named =
        """
        SELECT DISTINCT coalesce(CASE WHEN v.relkind IN ('v', 'm') THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, v.oid, 0) END,
                pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, e.adrelid, e.adnum), pg_catalog.pg_describe_object(f.class, f.oid, f.sub)),
            coalesce(n.nspname, pn.nspname, yn.nspname)::text, coalesce(c.relname, p.proname, y.typname, b.evtname, h.extname, '')::text,
            coalesce(t.tgname, l.polname, k.conname, a.attname, CASE WHEN v.relkind NOT IN ('v', 'm') THEN r.rulename END, '')::text,
            ARRAY(SELECT o.attname::text FROM pg_catalog.pg_attribute o WHERE o.attrelid = k.conrelid AND o.attnum = ANY (k.conkey) ORDER BY o.attnum), xn.nspname::text, coalesce(xc.relname, '')::text
        FROM found f
        LEFT JOIN pg_catalog.pg_rewrite r ON f.class = 'pg_catalog.pg_rewrite'::regclass AND r.oid = f.oid LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
        LEFT JOIN pg_catalog.pg_trigger t ON f.class = 'pg_catalog.pg_trigger'::regclass AND t.oid = f.oid
        LEFT JOIN pg_catalog.pg_policy l ON f.class = 'pg_catalog.pg_policy'::regclass AND l.oid = f.oid
        LEFT JOIN pg_catalog.pg_constraint k ON f.class = 'pg_catalog.pg_constraint'::regclass AND k.oid = f.oid
        LEFT JOIN pg_catalog.pg_attrdef e ON f.class = 'pg_catalog.pg_attrdef'::regclass AND e.oid = f.oid
        LEFT JOIN pg_catalog.pg_class c ON c.oid = coalesce(v.oid, t.tgrelid, l.polrelid, nullif(k.conrelid, 0), e.adrelid, CASE WHEN f.class = 'pg_catalog.pg_class'::regclass THEN f.oid END)
        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = coalesce(e.adnum, nullif(f.sub, 0))
        LEFT JOIN pg_catalog.pg_proc p ON f.class = 'pg_catalog.pg_proc'::regclass AND p.oid = f.oid LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
        LEFT JOIN pg_catalog.pg_type y ON y.oid = CASE f.class WHEN 'pg_catalog.pg_type'::regclass THEN f.oid WHEN 'pg_catalog.pg_constraint'::regclass THEN nullif(k.contypid, 0) END LEFT JOIN pg_catalog.pg_namespace yn ON yn.oid = y.typnamespace
        LEFT JOIN pg_catalog.pg_event_trigger b ON f.class = 'pg_catalog.pg_event_trigger'::regclass AND b.oid = f.oid
        LEFT JOIN pg_catalog.pg_extension h ON f.class = 'pg_catalog.pg_extension'::regclass AND h.oid = f.oid
        LEFT JOIN pg_catalog.pg_index x ON f.class = 'pg_catalog.pg_class'::regclass AND x.indexrelid = f.oid LEFT JOIN pg_catalog.pg_class xc ON xc.oid = x.indrelid LEFT JOIN pg_catalog.pg_namespace xn ON xn.oid = xc.relnamespace
        ORDER BY 1
        """;

    private const int MostNamed = 20;

    /// <summary>Null if nothing is in conflict.</summary>
    public static async Task<MigrationFinding?> ReadAsync(NpgsqlTransaction transaction, string defaultSchema, MigrationFinding cause, LiveDependents question, CancellationToken ct)
    {
        var kind = question.Kind switch
        {
            ObjectKind.Column => "column",
            ObjectKind.Constraint => "constraint",
            ObjectKind.Type or ObjectKind.Domain => "type",
            ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Aggregate => "routine",
            ObjectKind.Extension => "extension",
            ObjectKind.Schema => "schema",
            _ => "relation",
        };
        string[] names = [.. question.Names.Select(n => n.Sql)];
        var found = await transaction.Connection!.ListAsync(
            (question.Type is null ? DropSql : TypeSql) + "\n" + Named,
            r => (Text: r.GetString(0), Relation: new RelationName(r.Text(1), r.GetString(2)), Part: r.GetString(3), Columns: r.GetFieldValue<string[]>(4), Table: new RelationName(r.Text(5), r.GetString(6))), ct, kind, (object)names, question.Part ?? "", question.Arguments);
        // A constraint goes with each of its columns, an index with its table.
        var blocking = found.Where(f => !f.Columns.Append(f.Part).Any(part => IsGone(question, defaultSchema, f.Relation, part)) && !IsGone(question, defaultSchema, f.Table, "") && !(f.Relation.Name.Length == 0 && question.MayLackNameless))
            .Select(f => f.Text).ToList();
        if (question.Type is not null)
            blocking.AddRange(await ChangedExpressions.RefusedAsync(transaction, question, (name, part) => IsGone(question, defaultSchema, name, part), ct));
        var message = $"{question.Does}, which PostgreSQL refuses{(question.IsCertain ? "" : ", unless earlier statements change or drop them")}: {(question.Kind == ObjectKind.Schema ? "it contains" : "used by")} {Names([.. blocking.Distinct()])}";
        return blocking.Count == 0 ? null : cause.Beside(BlockedByDependents.RuleId, FindingSeverity.MayFail, message, BlockedByDependents.Remedy) with { WouldFail = question.IsCertain };
    }

    private static string Names(List<string> all) => $"{string.Join(", ", all.Take(MostNamed))}{(all.Count > MostNamed ? $" and {all.Count - MostNamed} more objects" : "")}";

    /// <summary>The relation, or that part of it.</summary>
    internal static bool IsGone(LiveDependents question, string defaultSchema, RelationName relation, string part)
    {
        bool Has(RelationName name) => question.Gone.Contains((name, null)) || (part.Length > 0 && question.Gone.Contains((name, part)));
        return Has(relation) || (relation.Schema == defaultSchema && Has(relation with { Schema = null })) || (relation.Schema is null && Has(relation with { Schema = defaultSchema }));
    }
}
