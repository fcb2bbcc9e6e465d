using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>A table that holds rows, as it was at one time.</summary>
/// <param name="File">Another one where the table was rewritten or truncated (pg_class.relfilenode).</param>
/// <param name="Rows">Null: not known.</param>
internal sealed record TableState(uint Oid, string Schema, string Name, uint File, long? Rows)
{
    /// <summary>With its schema where that is not <c>public</c>.</summary>
    public string Display => new RelationName(Schema, Name).Display("public");

    /// <summary>All tables whose rows a restore would replace. Temporary ones end with their session.</summary>
    public static async Task<Dictionary<uint, TableState>> ListAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname, c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            ORDER BY c.oid
            """,
            r => new TableState(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetFieldValue<uint>(3), null), ct)).ToDictionary(t => t.Oid);
}
