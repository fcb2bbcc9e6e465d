using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Raised;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// Reads which functions of the live database a statement calls without naming them: by defaults, generated columns, checks, domains, triggers, rules, policies, indexes and views
/// (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
/// </summary>
internal sealed class LiveComputations(NpgsqlConnection connection, LiveRoutines routines, string defaultSchema)
{
    /// <summary>
    /// The affected relations, and how. Partitions and inheritance children take neither defaults, rules nor triggers for statements of their own when rows are written by way of their parent.
    /// An UPDATE of a partition key moves rows: they are deleted from one partition and inserted into another. A BEFORE UPDATE trigger can change the key too.
    /// Foreign keys delete and update rows of the tables that refer to deleted and updated ones.
    /// </summary>
    private const string Targets =
        """
        target(oid, kind, is_child, columns) AS (
            SELECT to_regclass($1)::oid, $2, false, $4::text[] COLLATE "C" WHERE $2 NOT IN ('type', 'column', 'operator', 'field') AND to_regclass($1) IS NOT NULL
            UNION SELECT n.oid, n.kind, n.is_child, n.columns FROM target t, LATERAL (
                SELECT i.inhrelid, t.kind, true, t.columns FROM pg_catalog.pg_inherits i WHERE i.inhparent = t.oid
                UNION ALL SELECT l.relid, m.kind, true, t.columns FROM pg_catalog.pg_partition_tree(t.oid) l, (VALUES ('delete'), ('insert')) m(kind) WHERE t.kind = 'update' AND l.level > 0 AND EXISTS (
                    SELECT FROM pg_catalog.pg_partition_tree(t.oid) r JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = r.relid WHERE pg_catalog.cardinality(t.columns) = 0 OR 0 = ANY (p.partattrs::int2[])
                        OR (SELECT v.relkind FROM pg_catalog.pg_class v WHERE v.oid = to_regclass($1)::oid) = 'v'
                        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[]) AND (a.attname = ANY (t.columns)
                            OR EXISTS (SELECT FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_proc f ON f.oid = g.tgfoid JOIN pg_catalog.pg_language y ON y.oid = f.prolang
                                WHERE (g.tgrelid = r.relid OR g.tgrelid = l.relid) AND NOT g.tgisinternal AND g.tgenabled <> 'D' AND (g.tgtype & 19) = 19 AND y.lanname NOT IN ('c', 'internal')
                                    AND (y.lanname <> 'plpgsql' OR f.prosrc ~* '\mnew\s*:?=|\minto\s+(strict\s+)?new\M|\mreturn\s+(?!new\M|old\M|null\M)' OR (f.prosrc ~* '\mnew\s*\.' AND pg_catalog.lower(a.attname) = ANY (pg_catalog.regexp_split_to_array(pg_catalog.lower(f.prosrc), '[^[:alnum:]_$]+'))))))))
                UNION ALL SELECT k.conrelid, CASE WHEN t.kind = 'delete' AND k.confdeltype = 'c' THEN 'delete' ELSE 'update' END, false,
                        ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum)
                    FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = t.oid AND CASE t.kind WHEN 'delete' THEN k.confdeltype IN ('c', 'n', 'd')
                        WHEN 'update' THEN k.confupdtype IN ('c', 'n', 'd') AND (pg_catalog.cardinality(t.columns) = 0 OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (k.confkey) AND (a.attname = ANY (t.columns) OR a.attgenerated <> ''))) END
                UNION ALL SELECT k.conrelid, t.kind, false, t.columns FROM pg_catalog.pg_constraint k WHERE k.confrelid = t.oid AND k.contype = 'f' AND t.kind = 'truncate' AND $9
                UNION ALL SELECT d.refobjid, 'read', false, t.columns FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> t.oid WHERE r.ev_class = t.oid AND r.ev_type = '1'
                UNION ALL SELECT d.refobjid, t.kind, false, t.columns FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> t.oid
                    WHERE r.ev_class = t.oid AND r.ev_type = '1' AND t.kind IN ('insert', 'update', 'delete') AND pg_catalog.pg_relation_is_updatable(t.oid, false) > 0
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE o.classid = d.classid AND o.objid = r.oid AND o.refclassid = d.refclassid AND o.refobjid NOT IN (t.oid, d.refobjid))
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger i WHERE i.tgrelid = t.oid AND i.tgtype & 64 > 0)
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite i WHERE i.ev_class = t.oid AND i.ev_type <> '1' AND i.is_instead)) n(oid, kind, is_child, columns)
        ), role(modes) AS (
            SELECT CASE coalesce(nullif($8, ''), pg_catalog.current_setting('session_replication_role')) WHEN 'replica' THEN 'RA?' WHEN '?' THEN 'ORA?' ELSE 'OA?' END
        ), switched(kind, name, mode) AS (
            SELECT 't', pg_catalog.substr(s, 2), pg_catalog.left(s, 1) FROM pg_catalog.unnest($6) s UNION ALL SELECT 'r', pg_catalog.substr(s, 2), pg_catalog.left(s, 1) FROM pg_catalog.unnest($7) s
        ), rule(oid, is_child, kind) AS (
            SELECT r.oid, t.is_child, t.kind FROM target t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid
            WHERE r.ev_type = '1' OR (r.ev_type = CASE t.kind WHEN 'update' THEN '2' WHEN 'insert' THEN '3' WHEN 'delete' THEN '4' END AND NOT t.is_child AND NOT $10
                AND pg_catalog.strpos((SELECT modes FROM role), CASE WHEN t.oid = to_regclass($1)::oid THEN coalesce((SELECT s.mode FROM switched s WHERE s.kind = 'r' AND s.name = r.rulename), r.ev_enabled::text) ELSE r.ev_enabled::text END) > 0)
        )
        """;

    /// <summary>The bits of tgtype are those of pg_trigger.h.</summary>
    private const string FunctionsSql =
        $"""
        WITH RECURSIVE {Targets}, domain(oid, has_default) AS (
            SELECT to_regtype($1)::oid, $2 = 'column' WHERE $2 IN ('type', 'column') AND to_regtype($1) IS NOT NULL
            UNION SELECT a.atttypid, NOT a.atthasdef AND NOT t.is_child AND ((t.kind = 'insert' AND NOT (t.oid = to_regclass($1)::oid AND a.attname = ANY ($4))) OR (t.kind = 'update' AND a.attname = ANY ($5)))
                FROM target t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE t.kind IN ('insert', 'update', 'rewrite')
            UNION SELECT y.typbasetype, o.has_default AND y.typdefaultbin IS NULL FROM domain o JOIN pg_catalog.pg_type y ON y.oid = o.oid WHERE y.typtype = 'd'
        ), computed(class, oid, raised) AS (
            SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, '' FROM target t JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE CASE WHEN a.attgenerated <> '' THEN t.kind IN ('insert', 'update', 'rewrite') WHEN t.is_child THEN false
                    WHEN t.kind = 'insert' THEN NOT (t.oid = to_regclass($1)::oid AND a.attname = ANY ($4)) ELSE t.kind = 'update' AND a.attname = ANY ($5) END
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, '' FROM target t JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid AND c.contype = 'c'
                WHERE t.kind IN ('insert', 'update', 'rewrite') OR (t.kind = 'validate' AND c.conname = $3)
            UNION SELECT 'pg_catalog.pg_trigger'::regclass, g.oid, t.kind || CASE WHEN g.tgqual IS NULL THEN '' ELSE ' when' END FROM target t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
                    AND pg_catalog.strpos((SELECT modes FROM role), CASE WHEN t.oid = to_regclass($1)::oid THEN coalesce((SELECT s.mode FROM switched s WHERE s.kind = 't' AND s.name IN (g.tgname, '') ORDER BY s.name DESC LIMIT 1), g.tgenabled::text) ELSE g.tgenabled::text END) > 0
                    AND (t.kind <> 'update' OR pg_catalog.cardinality(g.tgattr::int2[]) = 0 OR pg_catalog.cardinality(t.columns) = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class v WHERE v.oid = to_regclass($1)::oid AND v.relkind = 'v') OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = g.tgrelid AND a.attnum = ANY (g.tgattr::int2[]) AND (a.attname = ANY (t.columns) OR a.attgenerated <> '')))
                WHERE (NOT t.is_child OR t.kind = 'truncate' OR g.tgtype & 1 > 0) AND g.tgtype & CASE t.kind WHEN 'insert' THEN 4 WHEN 'delete' THEN 8 WHEN 'update' THEN 16 WHEN 'truncate' THEN 32 ELSE 0 END > 0
            UNION SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, '' FROM rule r
            UNION SELECT 'pg_catalog.pg_policy'::regclass, p.oid, '' FROM target t JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid WHERE pg_catalog.row_security_active(t.oid)
            UNION SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, '' FROM target t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
                WHERE t.kind IN ('insert', 'update', 'rewrite') AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
            UNION SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, '' FROM domain o JOIN pg_catalog.pg_constraint c ON c.contypid = o.oid AND c.contype = 'c'
            UNION SELECT 'pg_catalog.pg_type'::regclass, y.oid, '' FROM domain o JOIN pg_catalog.pg_type y ON y.oid = o.oid AND y.typtype = 'd' WHERE o.has_default
            UNION SELECT 'pg_catalog.pg_cast'::regclass, c.oid, '' FROM domain o JOIN pg_catalog.pg_cast c ON c.casttarget = o.oid WHERE $2 = 'type' OR c.castcontext IN ('a', 'i')
            UNION SELECT 'pg_catalog.pg_operator'::regclass, o.oid, '' FROM pg_catalog.pg_operator o WHERE $2 = 'operator' AND o.oprname = $1 AND o.oid >= 16384
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_operator'::regclass AND e.objid = o.oid AND e.deptype = 'e')
                AND EXISTS (SELECT FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_language l ON l.oid = f.prolang WHERE f.oid = o.oprcode AND (f.provolatile = 'v' OR l.lanname NOT IN ('c', 'internal')))
        ), called(by, oid, raised) AS (
            SELECT pg_catalog.pg_describe_object(c.class, c.oid, 0), COALESCE(o.oprcode::oid, d.refobjid), c.raised FROM computed c JOIN pg_catalog.pg_depend d ON d.classid = c.class AND d.objid = c.oid
                LEFT JOIN pg_catalog.pg_operator o ON d.refclassid = 'pg_catalog.pg_operator'::regclass AND o.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass OR o.oid IS NOT NULL
            UNION ALL SELECT 'the notation of a column of a row', p.oid, '' FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type y ON y.oid = p.proargtypes[0]
            WHERE $2 = 'field' AND p.proname = $1 AND p.pronargs - p.pronargdefaults <= 1 AND p.pronargs > 0 AND (y.typtype = 'c' OR y.typname IN ('record', 'anyelement'))
        )
        SELECT n.nspname, p.proname, min(c.by), CASE WHEN p.prorettype = 'pg_catalog.trigger'::regtype THEN c.raised ELSE '' END FROM called c JOIN pg_catalog.pg_proc p ON p.oid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid >= 16384 GROUP BY 1, 2, 4 ORDER BY 1, 2, 4
        """;

    private const string RulesSql =
        $"""
        WITH RECURSIVE {Targets}
        SELECT pg_catalog.pg_get_ruledef(r.oid), u.kind, r.ev_qual::text <> '<>', pg_catalog.pg_describe_object('pg_catalog.pg_rewrite'::regclass, r.oid, 0), n.nspname, c.relname
        FROM rule u JOIN pg_catalog.pg_rewrite r ON r.oid = u.oid AND r.ev_type <> '1' JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY c.oid, r.rulename
        """;

    /// <summary>Rules fire rules, and triggers fire triggers.</summary>
    private const int Most = 64;

    private const string NamesSql =
        """
        SELECT DISTINCT 'operator', o.oprname FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
        UNION SELECT 'field', p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type y ON y.oid = p.proargtypes[0] WHERE p.oid >= 16384 AND (y.typtype = 'c' OR y.typname IN ('record', 'anyelement'))
        """;

    /// <summary>The operators, and the functions of a row, that are not PostgreSQL's own.</summary>
    private HashSet<(string Kind, string Name)>? names;

    private sealed record Rule(string Definition, string Kind, bool IsConditional, string By, RelationName Table);

    private readonly Dictionary<LiveComputed, IReadOnlyList<(RelationName Function, string By, string Raised)>> known = [];

    private readonly Dictionary<LiveComputed, IReadOnlyList<Rule>> rules = [];

    /// <summary>What these functions and rules do, as findings of the statement.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ReadAsync(MigrationFinding cause, CancellationToken ct)
    {
        var (found, seen) = (new List<MigrationFinding>(), new HashSet<(RelationName, string, string)>());
        var (queue, queued) = (new Queue<(LiveComputed Computed, bool IsCertain)>(cause.Computes.Select(c => (c, true))), cause.Computes.ToHashSet());
        while (queue.TryDequeue(out var next))
        {
            void Add(RoutineEffects effects, string by)
            {
                found.AddRange(effects.Does.Select(d => next.IsCertain ? d : d.UnderCondition("a trigger or rule")).Select(d => d with { File = cause.File, Line = cause.Line, Statement = cause.Statement, RunsAt = cause.RunsAt, Message = $"{d.Message}, in {by}" }));
                foreach (var computed in effects.Computes.Where(c => queued.Count < Most && queued.Add(c)))
                    queue.Enqueue((computed, next.IsCertain && effects.Certain.Contains(computed)));
            }

            foreach (var (function, by, raised) in await FunctionsAsync(next.Computed, ct))
            {
                if (!seen.Add((function, raised, "")) || KnownFunctions.IsHarmless(new FunctionCall(function.Schema, function.Name, 0)))
                    continue;
                var (name, effects) = (function.Display(defaultSchema), raised.Length == 0 ? await routines.ReadAsync(function, ct) : await routines.ReadTriggerAsync(function, raised.Split(' ')[0], isConditional: raised.EndsWith(" when", StringComparison.Ordinal), ct));
                if (effects.HarmlessBecause is null)
                    found.Add(cause.Beside(UnknownFunction.RuleId, FindingSeverity.Opaque, $"calls function {name}, whose effects are not known, by {by}", "Read the function; the rehearsal shows its effects.") with { Object = name });
                Add(effects, $"function {name}, called by {by}{(next.Computed.Kind == "update" && raised.Split(' ')[0] is "delete" or "insert" ? RowEvent.WhereMoved : "")}");
            }

            foreach (var rule in await RulesAsync(next.Computed, ct))
            {
                if (seen.Add((rule.Table, rule.By, rule.Kind)))
                    Add(await routines.ReadRuleAsync(rule.Definition, rule.Table, rule.Kind, rule.IsConditional, ct), rule.By);
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<(RelationName Function, string By, string Raised)>> FunctionsAsync(LiveComputed computed, CancellationToken ct) =>
        computed.Kind is "operator" or "field" && !(names ??= [.. await connection.ListAsync(NamesSql, r => (r.GetString(0), r.GetString(1)), ct)]).Contains((computed.Kind, computed.Name.Name)) ? []
        : known.TryGetValue(computed, out var functions) ? functions : known[computed] = await connection.ListAsync(
            FunctionsSql, r => (new RelationName(r.GetString(0), r.GetString(1)), r.GetString(2), r.GetString(3)), ct, Parameters(computed));

    /// <summary>Only changes of rows fire any.</summary>
    private async Task<IReadOnlyList<Rule>> RulesAsync(LiveComputed computed, CancellationToken ct) =>
        computed.Kind is not ("insert" or "update" or "delete") || computed.IsCopy ? [] : rules.TryGetValue(computed, out var raised) ? raised : rules[computed] = await connection.ListAsync(
            RulesSql, r => new Rule(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetString(3), new RelationName(r.GetString(4), r.GetString(5))), ct, Parameters(computed));

    private static object[] Parameters(LiveComputed computed) =>
    [
        computed.Kind is "operator" or "field" ? computed.Name.Name : computed.Name.Sql, computed.Kind, computed.Constraint ?? "", Lines(computed.Columns), Lines(computed.Defaulted), Lines(computed.Triggers),
        Lines(computed.Rules), computed.Role, computed.Cascades, computed.IsCopy,
    ];

    private static string[] Lines(string text) => text.Length == 0 ? [] : text[..^1].Split('\n');
}
