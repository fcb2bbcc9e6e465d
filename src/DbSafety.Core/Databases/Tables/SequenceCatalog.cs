using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// The current values of a database's sequences; of extensions only their configuration sequences, which are dumped. Sequences are not part of a
/// snapshot: these are the current values.
/// </summary>
internal static class SequenceCatalog
{
    private const int Batch = 200;

    private const string Sql = """
        SELECT n.nspname, c.relname
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relpersistence <> 't'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
          AND (NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
               OR EXISTS (SELECT 1 FROM pg_catalog.pg_extension x WHERE c.oid = ANY (x.extconfig)))
        ORDER BY n.nspname, c.relname
        """;

    public static async Task<IReadOnlyList<SequenceValue>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var names = await connection.ListAsync(Sql, r => (Schema: r.GetString(0), Name: r.GetString(1)), ct);
        var values = new List<SequenceValue>(names.Count);
        foreach (var batch in names.Chunk(Batch))
        {
            var sql = string.Join(" UNION ALL ", batch.Select((n, i) => $"SELECT {i}, last_value, is_called FROM {SqlName.Quote(n.Schema, n.Name)}"));
            values.AddRange(await connection.ListAsync(
                sql,
                r => new SequenceValue(batch[r.GetInt32(0)].Schema, batch[r.GetInt32(0)].Name, r.GetInt64(1), r.GetBoolean(2)),
                ct));
        }

        return [.. values.OrderBy(v => v.Schema, StringComparer.Ordinal).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }
}
