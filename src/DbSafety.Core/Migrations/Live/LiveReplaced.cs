using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// Objects of the live database that use an object that a statement replaces or publishes: what calls a function (https://www.postgresql.org/docs/current/sql-createfunction.html), whether a view
/// is there to be locked, which tables have no replica identity (https://www.postgresql.org/docs/current/logical-replication-publication.html).
/// </summary>
internal static class LiveReplaced
{
    /// <summary>Triggers, checks, defaults, policies, indexes and views, also where they use it by operators and by other functions. Rows: what is concerned ("writes", "reads"), and the object.</summary>
    private const string UsersSql =
        """
        WITH RECURSIVE names(space, name) AS (
            SELECT CASE WHEN pg_catalog.cardinality(i) > 1 THEN i[1] END, i[pg_catalog.cardinality(i)] FROM pg_catalog.unnest($1) n, pg_catalog.parse_ident(n) i
        ), used(class, oid) AS (
            SELECT 'pg_catalog.pg_proc'::regclass::oid, p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace JOIN names n ON n.name = p.proname
                WHERE s.nspname = n.space OR (n.space IS NULL AND (s.nspname = $2 OR s.nspname = ANY (pg_catalog.current_schemas(false))))
            UNION SELECT d.classid, d.objid FROM used u JOIN pg_catalog.pg_depend d ON d.refclassid = u.class AND d.refobjid = u.oid
                WHERE d.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
        ), users(class, oid) AS (
            SELECT DISTINCT d.classid, d.objid FROM used u JOIN pg_catalog.pg_depend d ON d.refclassid = u.class AND d.refobjid = u.oid AND d.deptype IN ('n', 'a')
        )
        SELECT CASE WHEN u.class IN ('pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_attrdef'::regclass) OR (r.oid IS NOT NULL AND v.relkind NOT IN ('v', 'm')) THEN 'writes' ELSE 'reads' END,
            CASE WHEN v.relkind IN ('v', 'm') THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, v.oid, 0) ELSE pg_catalog.pg_describe_object(u.class, u.oid, 0) END
        FROM users u LEFT JOIN pg_catalog.pg_rewrite r ON u.class = 'pg_catalog.pg_rewrite'::regclass AND r.oid = u.oid LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
            LEFT JOIN pg_catalog.pg_class i ON u.class = 'pg_catalog.pg_class'::regclass AND i.oid = u.oid AND i.relkind IN ('i', 'I')
        WHERE u.class IN ('pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_rewrite'::regclass) OR i.oid IS NOT NULL
        ORDER BY 1, 2
        """;

    private const string UnidentifiedSql =
        """
        SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
        WHERE (c.oid IN (SELECT to_regclass(n)::oid FROM pg_catalog.unnest($1) n)
            OR c.oid IN (SELECT pg_catalog.format('%I.%I', p.schemaname, p.tablename)::regclass::oid FROM pg_catalog.pg_publication_tables p WHERE p.pubname = $2)) AND c.relkind IN ('r', 'p') AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))) ORDER BY 1
        """;

    public static async Task<IReadOnlyList<MigrationFinding>> ReadAsync(NpgsqlTransaction transaction, string defaultSchema, MigrationFinding cause, LiveDependents question, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        string[] names = [.. question.Names.Select(n => n.Sql)];
        switch (question.Kind)
        {
            case ObjectKind.View:
                return await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind = 'v')", ct, names[0]) ? [Locked(cause, question)] : [];
            case ObjectKind.Trigger:
                var old = await connection.ListAsync("SELECT pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass($1) AND tgname = $2 AND NOT tgisinternal", r => r.GetString(0), ct, names[0], question.Part!);
                return old is not [var definition] ? [] : [cause.Beside("drop-trigger", FindingSeverity.Breaking, $"{question.Does}, which is {definition}: that trigger no longer fires", "Compare the two definitions; use another name to keep both triggers.")];
            case ObjectKind.Rule:
                if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'p'))", ct, names[0]))
                    return [];
                var isRefused = connection.PostgreSqlVersion.Major >= 16;
                return [cause.Beside("rejected-writes", isRefused ? FindingSeverity.MayFail : FindingSeverity.Breaking, isRefused ? $"{question.Does}: PostgreSQL 16 and later refuse that for a table" : $"{question.Does}: the table becomes a view, and writes are rejected", "Create a view with another name.") with { WouldFail = isRefused }];
            case ObjectKind.Publication:
                var tables = await connection.ListAsync(UnidentifiedSql, r => r.GetString(0), ct, names, question.Part ?? "");
                return tables.Count == 0 ? [] : [cause.Beside("rejected-writes", FindingSeverity.Breaking, $"{question.Does}: UPDATE and DELETE of {string.Join(", ", tables)} are rejected, since {(tables.Count == 1 ? "it has" : "they have")} no primary key and no other replica identity",
                    "Add a primary key, or set REPLICA IDENTITY USING INDEX or FULL, first.")];
            default:
                var users = await connection.ListAsync(UsersSql, r => (Concerned: r.GetString(0), Text: r.GetString(1)), ct, (object)names, defaultSchema);
                var findings = new List<MigrationFinding>();
                if (users.Where(u => u.Concerned == "writes").Select(u => u.Text).ToList() is { Count: > 0 } writes)
                    findings.Add(cause.Beside("rejected-writes", FindingSeverity.Breaking, $"{question.Does}, used by {string.Join(", ", writes)}: writes can now be rejected, discarded or changed", "Compare its body with the previous body, and test the writes on a copy first."));
                if (users.Where(u => u.Concerned == "reads").Select(u => u.Text).ToList() is { Count: > 0 } reads)
                    findings.Add(cause.Beside("hidden-rows", FindingSeverity.Breaking, $"{question.Does}, used by {string.Join(", ", reads)}: queries can now return different rows", "Compare its body with the previous body; an index on it must be rebuilt with REINDEX."));
                return findings;
        }
    }

    /// <summary>Only the database shows whether the view exists and is locked.</summary>
    private static MigrationFinding Locked(MigrationFinding cause, LiveDependents question) =>
        cause.Beside("strong-lock", FindingSeverity.Info, $"{LockClaim.In([(LockMode.AccessExclusive, cause.Object)], question.InTransaction)}; {question.Does}, and changes only the catalog", "Set a lock_timeout, and run no long statements after it in the same transaction.");
}
