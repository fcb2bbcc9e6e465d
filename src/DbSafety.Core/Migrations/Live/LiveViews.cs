using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>A view whose rows are those of one table, so that a change of its rows is one of that table's (https://www.postgresql.org/docs/current/sql-createview.html, updatable views).</summary>
internal static class LiveViews
{
    /// <summary>Null if there is no view of that name; no count if a trigger or a rule replaces changes of its rows.</summary>
    public static async Task<LiveAnswer?> AnswerAsync(NpgsqlTransaction transaction, LiveQuestion question, string defaultSchema, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var found = await connection.ListAsync(
            """
            SELECT c.oid, NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 64 <> 0)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1')
            FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'v'
            """, r => (Oid: r.GetFieldValue<uint>(0), IsPlain: r.GetBoolean(1)), ct, question.Relation.Sql);
        if (found is not [var view])
            return null;
        var bases = await BasesAsync(connection, view.Oid, ct);
        if (bases.Find(b => b.Server is not null).Server is { } server)
            return new LiveAnswer(true, null) { ForeignServer = server };
        var answer = !view.IsPlain ? new LiveAnswer(true, null) : question switch
        {
            { Overwrite: { } overwrite } => await LiveRows.OverwrittenAsync(transaction, question, overwrite, ct),
            { Kind: LiveFactKind.RowsWhere } => await LiveRows.FittingAsync(transaction, question.Condition, ct),
            { Kind: LiveFactKind.Rows } => await LiveRows.FittingAsync(transaction, question.Relation.Sql, ct),
            _ => new LiveAnswer(true, null),
        };
        return answer with { Through = [.. bases.Select(b => b.Relation.Display(defaultSchema))] };
    }

    /// <summary>The tables that a view reads, through other views too; none if there is no view of that name.</summary>
    public static async Task<IReadOnlyList<LiveTable>> TablesAsync(NpgsqlConnection connection, RelationName view, CancellationToken ct)
    {
        var tables = new List<LiveTable>();
        foreach (var oid in await connection.ListAsync($"SELECT oid FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind = 'v'", r => r.GetFieldValue<uint>(0), ct, view.Sql))
        {
            foreach (var name in await BasesAsync(connection, oid, ct))
            {
                if (await TableReach.FindAsync(connection, name.Relation, ct) is { } table)
                    tables.AddRange(await TableReach.ReachedAsync(connection, table, LiveReach.Children, ct));
            }
        }

        return tables;
    }

    /// <summary>The tables that it reads, through other views too.</summary>
    private static Task<List<(RelationName Relation, string? Server)>> BasesAsync(NpgsqlConnection connection, uint view, CancellationToken ct) =>
        connection.ListAsync(
            """
            WITH RECURSIVE read(oid) AS (
                SELECT $1::oid
                UNION SELECT d.refobjid FROM read v JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid AND w.ev_type = '1'
                    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass)
            SELECT n.nspname, c.relname, s.srvname FROM read r JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
            WHERE c.relkind IN ('r', 'p', 'f') ORDER BY 1, 2
            """,
            r => (new RelationName(r.GetString(0), r.GetString(1)), r.IsDBNull(2) ? null : (string?)r.GetString(2)), ct, (long)view);
}
