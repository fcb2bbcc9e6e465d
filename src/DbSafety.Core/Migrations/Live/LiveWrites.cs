using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Whether what earlier statements of the set have written can be rows that a count looked at: of the same table, its parents or partitions, by foreign keys, triggers or rules.</summary>
internal static class LiveWrites
{
    /// <summary>
    /// $1 are the tables with changed rows, $2 those with new rows, $3 the tables of the count, $4 those to which its rows refer, $5 the constraint that is looked at, $6 the tables that have lost rows.
    /// $7: writes that can add violating rows; otherwise writes that can remove them.
    /// </summary>
    private const string Sql =
        """
        WITH RECURSIVE looked(oid, refers) AS (
            SELECT pg_catalog.to_regclass(n)::oid, false FROM unnest($3::text[]) n UNION SELECT pg_catalog.to_regclass(n)::oid, true FROM unnest($4::text[]) n
            UNION SELECT c.confrelid, true FROM pg_catalog.pg_constraint c WHERE c.conrelid = pg_catalog.to_regclass(($3::text[])[1])::oid AND c.conname = $5
        ), written(oid, way, how) AS (
            SELECT pg_catalog.to_regclass(n)::oid, 'w', 'changed' FROM unnest($1::text[]) n UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'new' FROM unnest($2::text[]) n
            UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'removed' FROM unnest($6::text[]) n
            UNION SELECT e.oid, e.way, e.how FROM written w, LATERAL (
                SELECT i.inhparent, 'u', w.how FROM pg_catalog.pg_inherits i WHERE i.inhrelid = w.oid AND w.way <> 'd'
                UNION ALL SELECT i.inhrelid, 'd', w.how FROM pg_catalog.pg_inherits i WHERE i.inhparent = w.oid AND w.way <> 'u'
                UNION ALL SELECT c.conrelid, 'w', CASE WHEN w.how = 'removed' AND c.confdeltype = 'c' THEN 'removed' ELSE 'changed' END FROM pg_catalog.pg_constraint c
                    WHERE c.confrelid = w.oid AND c.contype = 'f' AND w.how <> 'new' AND (c.confdeltype IN ('c', 'n', 'd') OR c.confupdtype IN ('c', 'n', 'd'))) e(oid, way, how)
        )
        SELECT EXISTS (SELECT FROM written w JOIN looked l ON l.oid = w.oid WHERE w.how = 'changed' OR CASE WHEN $7 THEN l.refers = (w.how = 'removed') ELSE l.refers OR w.how = 'removed' END)
            OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_class c ON c.oid = w.oid WHERE w.way <> 'u' AND (c.relkind IN ('v', 'f')
                OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
                OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1')))
        """;

    /// <param name="bringsRows">Writes that can add violating rows; otherwise writes that can remove them.</param>
    public static async Task<bool> ReachAsync(NpgsqlConnection connection, LiveQuestion question, WrittenTables written, bool bringsRows, CancellationToken ct) => written.IsUnseen || (!written.IsNone && await connection.ScalarAsync<bool>(
        Sql, ct, Names(written.Changed), Names(written.Filled), Names([question.Relation, .. question.Parent is { } parent ? [parent] : (RelationName[])[]]),
        Names(question.ForeignKey is { } key ? [key.Referenced] : []), question.Kind == LiveFactKind.Constraint ? question.Condition! : "", Names(written.Removed), bringsRows));

    private static string[] Names(IEnumerable<RelationName> tables) => [.. tables.Select(t => t.Sql)];
}
