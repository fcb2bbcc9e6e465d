using System.Text.Json;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>
/// Rows of an extension's configuration tables that a dump contains: those that match the condition that the extension registered for them
/// (https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES). The extension stays, so they are deleted before a dump's
/// rows are loaded; the other rows are the extension's own and stay.
/// </summary>
/// <param name="Condition">With its <c>WHERE</c>; empty: all rows.</param>
internal sealed record ExtensionRows(string Schema, string Name, string Condition)
{
    public string Quoted => SqlName.Quote(Schema, Name);

    private string From => $"FROM ONLY {Quoted} {Condition}";

    private static string Sql(IEnumerable<string> extensions) => $"""
        SELECT n.nspname AS schema, c.relname AS name, coalesce(k.condition, '') AS condition
        FROM pg_catalog.pg_extension x CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(x.extconfig), pg_catalog.unnest(x.extcondition)) AS k (relation, condition)
        JOIN pg_catalog.pg_class c ON c.oid = k.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND x.extname IN ({string.Join(", ", extensions.Select(SqlName.Literal).DefaultIfEmpty("NULL"))}) ORDER BY 1, 2
        """;

    /// <summary>Those of the extensions that are in the backup.</summary>
    public static Task<List<ExtensionRows>> FindAsync(PsqlSession session, BackupManifest manifest, CancellationToken ct) =>
        session.ListAsync(Sql(manifest.Extensions.Select(e => e.Name)), Read, ct);

    /// <exception cref="DbSafetyException"><c>DBS108</c>, or <c>DBS318</c> where deleting them would change rows that no dump holds.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, PgBackup backup, string database, CancellationToken ct)
    {
        var tables = await connection.ListAsync(
            $"SELECT t.schema::text, t.name::text, t.condition FROM ({Sql(backup.Manifest.Extensions.Select(e => e.Name))}) AS t",
            r => new ExtensionRows(r.GetString(0), r.GetString(1), r.GetString(2)),
            ct);
        if (tables.Count == 0)
            return;
        var forbidden = await connection.ListAsync(
            "SELECT t FROM pg_catalog.unnest($1) AS t WHERE NOT (pg_catalog.has_table_privilege(t, 'SELECT') AND pg_catalog.has_table_privilege(t, 'INSERT') AND pg_catalog.has_table_privilege(t, 'DELETE'))",
            r => r.GetString(0),
            ct,
            (object)tables.Select(t => t.Quoted).ToArray());
        if (forbidden.Count > 0)
            throw ErrorCatalogue.PermissionDenied.For(database, $"rows of the extensions' tables {string.Join(", ", forbidden)} are in the backup", "GRANT SELECT, INSERT, DELETE on them, or use a role that has these privileges. Nothing was changed.");
        var followers = await connection.ListAsync(
            $"""
            SELECT DISTINCT n.nspname::text, c.relname::text
            FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE o.contype = 'f' AND o.confdeltype IN ('c', 'n', 'd') AND o.confrelid = ANY (SELECT pg_catalog.unnest($1)::pg_catalog.regclass) AND {UserObjects.OfExtension("pg_class", "c")}
            """,
            r => (Schema: r.GetString(0), Name: r.GetString(1)),
            ct,
            (object)tables.Select(t => t.Quoted).ToArray());
        if (followers.FirstOrDefault(f => !tables.Any(t => (t.Schema, t.Name) == f && t.Condition.Length == 0)) is { Name: not null } follower)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, $"a foreign key of {SqlName.Display(follower.Schema, follower.Name)} would change rows of an extension that no backup contains");
    }

    /// <summary>Deletes them, a table that refers to another one first.</summary>
    public static async Task DeleteAsync(PsqlSession session, IReadOnlyList<ExtensionRows> tables, CancellationToken ct)
    {
        if (tables.Count == 0)
            return;
        var names = string.Join(", ", tables.Select(t => SqlName.Literal(t.Quoted) + "::pg_catalog.regclass"));
        var keys = await session.ListAsync(
            $"""
            SELECT n.nspname AS schema, c.relname AS name, fn.nspname AS to_schema, fc.relname AS to_name
            FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class fc ON fc.oid = o.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
            WHERE o.contype = 'f' AND o.conrelid IN ({names}) AND o.confrelid IN ({names}) AND o.conrelid <> o.confrelid
            """,
            r => (From: (Text(r, "schema"), Text(r, "name")), To: (Text(r, "to_schema"), Text(r, "to_name"))),
            ct);
        var left = tables.ToList();
        while (left.Count > 0)
        {
            // For circular references no order is known: PostgreSQL reports whether one works.
            var next = left.Find(t => !keys.Any(k => k.To == (t.Schema, t.Name) && left.Any(l => (l.Schema, l.Name) == k.From))) ?? left[0];
            await session.ExecuteAsync("DELETE " + next.From, ct);
            left.Remove(next);
        }
    }

    /// <summary>How many there are now.</summary>
    public static async Task<IReadOnlyList<TableCount>> CountAsync(PsqlSession session, IReadOnlyList<ExtensionRows> tables, CancellationToken ct)
    {
        var counts = new List<TableCount>();
        foreach (var table in tables)
            counts.Add(new TableCount(table.Schema, table.Name, (await session.ListAsync($"SELECT pg_catalog.count(*) AS rows {table.From}", r => r.GetProperty("rows").GetInt64(), ct)).Single()));
        return counts;
    }

    private static ExtensionRows Read(JsonElement row) => new(Text(row, "schema"), Text(row, "name"), Text(row, "condition"));

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
