using DbSafety.Analysis;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Rules;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>
/// Reads which functions of the live database a statement calls without naming them: by defaults, generated columns, checks, domains, triggers, rules, policies, indexes and views
/// (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
/// </summary>
internal sealed class LiveComputations(NpgsqlConnection connection, LiveRoutines routines, string defaultSchema)
{
    /// <summary>The bits of tgtype are those of pg_trigger.h.</summary>
    private const string FunctionsSql =
        """
        WITH RECURSIVE target(oid, kind) AS (
            SELECT to_regclass($1)::oid, $2 WHERE $2 <> 'type' AND to_regclass($1) IS NOT NULL
            UNION SELECT n.oid, n.kind FROM target t, LATERAL (
                SELECT i.inhrelid, t.kind FROM pg_catalog.pg_inherits i WHERE i.inhparent = t.oid
                UNION ALL SELECT d.refobjid, 'read' FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> t.oid WHERE r.ev_class = t.oid AND r.ev_type = '1'
                UNION ALL SELECT d.refobjid, t.kind FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> t.oid
                    WHERE r.ev_class = t.oid AND r.ev_type = '1' AND t.kind IN ('insert', 'update', 'delete') AND pg_catalog.pg_relation_is_updatable(t.oid, false) > 0
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE o.classid = d.classid AND o.objid = r.oid AND o.refclassid = d.refclassid AND o.refobjid NOT IN (t.oid, d.refobjid))
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger i WHERE i.tgrelid = t.oid AND i.tgtype & 64 > 0)
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite i WHERE i.ev_class = t.oid AND i.ev_type <> '1' AND i.is_instead)) n(oid, kind)
        ), domain(oid) AS (
            SELECT to_regtype($1)::oid WHERE $2 = 'type' AND to_regtype($1) IS NOT NULL
            UNION SELECT a.atttypid FROM target t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE t.kind IN ('insert', 'update', 'rewrite')
            UNION SELECT y.typbasetype FROM domain o JOIN pg_catalog.pg_type y ON y.oid = o.oid WHERE y.typtype = 'd'
        ), computed(class, oid, raised) AS (
            SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, '' FROM target t JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE t.kind = 'insert' OR (a.attgenerated <> '' AND t.kind IN ('update', 'rewrite'))
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, '' FROM target t JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid AND c.contype = 'c'
                WHERE t.kind IN ('insert', 'update', 'rewrite') OR (t.kind = 'validate' AND c.conname = $3)
            UNION SELECT 'pg_catalog.pg_trigger'::regclass, g.oid, CASE WHEN g.tgqual IS NULL THEN 'always' ELSE 'when' END FROM target t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
                    AND CASE WHEN t.oid IS DISTINCT FROM to_regclass($1)::oid THEN g.tgenabled IN ('O', 'A') WHEN g.tgname = ANY ($5) THEN true WHEN g.tgname = ANY ($6) THEN false
                        WHEN '' = ANY ($5) THEN true WHEN '' = ANY ($6) THEN false ELSE g.tgenabled IN ('O', 'A') END
                    AND (t.kind <> 'update' OR pg_catalog.cardinality(g.tgattr::int2[]) = 0 OR pg_catalog.cardinality($4) = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class v WHERE v.oid = to_regclass($1)::oid AND v.relkind = 'v') OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = g.tgrelid AND a.attnum = ANY (g.tgattr::int2[]) AND (a.attname = ANY ($4) OR a.attgenerated <> '')))
                WHERE g.tgtype & CASE t.kind WHEN 'insert' THEN 4 WHEN 'delete' THEN 8 WHEN 'update' THEN 16 WHEN 'truncate' THEN 32 ELSE 0 END > 0
            UNION SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, '' FROM target t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid AND r.ev_enabled IN ('O', 'A')
                WHERE r.ev_type = '1' OR r.ev_type = CASE t.kind WHEN 'update' THEN '2' WHEN 'insert' THEN '3' WHEN 'delete' THEN '4' ELSE '1' END
            UNION SELECT 'pg_catalog.pg_policy'::regclass, p.oid, '' FROM target t JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid WHERE pg_catalog.row_security_active(t.oid)
            UNION SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, '' FROM target t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
                WHERE t.kind IN ('insert', 'update', 'rewrite') AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, '' FROM domain o JOIN pg_catalog.pg_constraint c ON c.contypid = o.oid AND c.contype = 'c'
            UNION SELECT 'pg_catalog.pg_type'::regclass, y.oid, '' FROM domain o JOIN pg_catalog.pg_type y ON y.oid = o.oid AND y.typtype = 'd' WHERE $2 = 'insert'
        ), called(by, oid, raised) AS (
            SELECT pg_catalog.pg_describe_object(c.class, c.oid, 0), COALESCE(o.oprcode::oid, d.refobjid), c.raised FROM computed c JOIN pg_catalog.pg_depend d ON d.classid = c.class AND d.objid = c.oid
                LEFT JOIN pg_catalog.pg_operator o ON d.refclassid = 'pg_catalog.pg_operator'::regclass AND o.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass OR o.oid IS NOT NULL
        )
        SELECT n.nspname, p.proname, min(c.by), CASE WHEN p.prorettype = 'pg_catalog.trigger'::regtype THEN c.raised ELSE '' END FROM called c JOIN pg_catalog.pg_proc p ON p.oid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid >= 16384 GROUP BY 1, 2, 4 ORDER BY 1, 2, 4
        """;

    private readonly Dictionary<LiveComputed, IReadOnlyList<(RelationName Function, string By, string Raised)>> known = [];

    /// <summary>What these functions do, as findings of the statement.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ReadAsync(MigrationFinding cause, CancellationToken ct)
    {
        var (found, seen) = (new List<MigrationFinding>(), new HashSet<(RelationName, string, string)>());
        foreach (var computed in cause.Computes)
        {
            foreach (var (function, by, raised) in await FunctionsAsync(computed, ct))
            {
                if (!seen.Add((function, raised, raised.Length == 0 ? "" : computed.Kind)) || KnownFunctions.IsHarmless(new FunctionCall(null, function.Name, 0)))
                    continue;
                var (name, (reason, does)) = (function.Display(defaultSchema), raised.Length == 0 ? await routines.ReadAsync(function, ct) : await routines.ReadTriggerAsync(function, computed.Kind, isConditional: raised == "when", ct));
                if (reason is null)
                    found.Add(cause.Beside(UnknownFunction.RuleId, FindingSeverity.Opaque, $"calls function {name}, whose effects are not known, by {by}", "Read the function; the rehearsal shows what it really does.") with { Object = name });
                found.AddRange(does.Select(d => d with { File = cause.File, Line = cause.Line, Statement = cause.Statement, RunsAt = cause.RunsAt, Message = $"{d.Message}, in function {name}, called by {by}" }));
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<(RelationName Function, string By, string Raised)>> FunctionsAsync(LiveComputed computed, CancellationToken ct) =>
        known.TryGetValue(computed, out var functions) ? functions : known[computed] = await connection.ListAsync(
            FunctionsSql, r => (new RelationName(r.GetString(0), r.GetString(1)), r.GetString(2), r.GetString(3)), ct, computed.Name.Sql, computed.Kind, computed.Constraint ?? "",
            Lines(computed.Columns), Lines(computed.Enabled), Lines(computed.Disabled));

    private static string[] Lines(string text) => text.Length == 0 ? [] : text[..^1].Split('\n');
}
