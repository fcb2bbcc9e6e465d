using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>The state of a table at a point in time.</summary>
/// <param name="File">pg_class.relfilenode, which changes if the table is rewritten or truncated.</param>
/// <param name="Rows">Null: unknown.</param>
internal sealed record TableState(uint Oid, string Schema, string Name, uint File, long? Rows)
{
    /// <summary>With its schema, except <c>public</c>.</summary>
    public string Display => new RelationName(Schema, Name).Display("public");

    /// <summary>All tables whose rows a restore would replace, without temporary tables.</summary>
    public static async Task<Dictionary<uint, TableState>> ListAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname, c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            ORDER BY c.oid
            """,
            r => new TableState(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetFieldValue<uint>(3), null), ct)).ToDictionary(t => t.Oid);
}
