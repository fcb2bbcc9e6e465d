using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// Materialized views whose rows contain the name of their database (<c>current_database()</c>, <c>CURRENT_CATALOG</c>): a restore populates them while the database has a temporary
/// name, and refreshes them after it is renamed.
/// </summary>
internal static class NamedViews
{
    /// <summary>A refresh blocks readers: if it takes long, it is canceled and reported.</summary>
    private const string Limits = "SET lock_timeout = '3s'; SET statement_timeout = '60s'";

    private const string Uses = "~* '\\mcurrent_(database|catalog)\\M'";

    /// <summary>Materialized views that use it directly, or through views and functions, in the order of their creation.</summary>
    private const string Query = $"""
        WITH RECURSIVE used AS (
            SELECT r.ev_class AS view, d.refclassid, d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid),
        reached (filled, relation) AS (
            SELECT oid, oid FROM pg_catalog.pg_class WHERE relkind = 'm' AND relispopulated
            UNION SELECT x.filled, u.refobjid FROM reached x JOIN used u ON u.view = x.relation AND u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
        SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE EXISTS (
            SELECT 1 FROM reached x JOIN pg_catalog.pg_class v ON v.oid = x.relation AND v.relkind IN ('v', 'm') WHERE x.filled = c.oid AND (
                pg_catalog.pg_get_viewdef(v.oid) {Uses}
                OR EXISTS (SELECT 1 FROM used u JOIN pg_catalog.pg_proc p ON u.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = u.refobjid
                           WHERE u.view = v.oid AND CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) {Uses} END)))
        ORDER BY c.oid
        """;

    /// <summary>Quoted.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(DatabaseTarget database, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        return await connection.ListAsync(Query, r => SqlName.Quote(r.GetString(0), r.GetString(1)), ct);
    }

    /// <returns>Notes for the result; a failure is a warning with the command.</returns>
    public static async Task<IReadOnlyList<string>> RefreshAsync(DatabaseTarget target, IReadOnlyList<string> views, IOperationEvents events, CancellationToken ct)
    {
        var notes = new List<string>();
        foreach (var view in views)
        {
            var note = await AfterSwap.TryAsync($"REFRESH MATERIALIZED VIEW {view}, which still contains the temporary name of its database,", events, () => RefreshAsync(target, view, ct));
            if (note is not null)
                notes.Add(note);
        }

        return notes;
    }

    private static async Task<string> RefreshAsync(DatabaseTarget target, string view, CancellationToken ct)
    {
        await using var connection = await target.OpenAsync(ct, "dbsafety restore");
        await connection.ExecuteAsync(Limits, ct);
        await connection.ExecuteAsync($"REFRESH MATERIALIZED VIEW {view}", ct);
        return $"materialized view {view} contains the name of its database, and was refreshed after the database was renamed";
    }
}
