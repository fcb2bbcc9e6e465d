using DbSafety.Backups;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>
/// Which relations of a database hold rows that a dump carries, and which it leaves out by nature
/// (https://www.postgresql.org/docs/current/app-pgdump.html): the rows of foreign tables and materialized views, and tables that belong
/// to an extension.
/// </summary>
internal sealed record TableCatalog(IReadOnlyList<TableCatalog.Table> Tables, IReadOnlyList<TableCatalog.Omission> LeftOut)
{
    // Temporary tables and the catalogues themselves are never dumped. Partitioned tables hold no rows of their own.
    private const string Sql = """
        SELECT n.nspname, c.relname, c.relkind::text, c.relpages::bigint,
               EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
               pg_catalog.has_table_privilege(c.oid, 'SELECT')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>A table whose rows are dumped, with its size in pages of 8 KiB as last vacuumed.</summary>
    public sealed record Table(string Schema, string Name, long Pages, bool Readable)
    {
        public string Quoted => SqlName.Quote(Schema, Name);
    }

    /// <summary>A relation whose rows are in no dump.</summary>
    public sealed record Omission(string Kind, string Schema, string Name)
    {
        public override string ToString() => $"{Kind} {SqlName.Display(Schema, Name)}";
    }

    /// <summary>What is left out, in words.</summary>
    public IReadOnlyList<string> LeftOutWords => [.. LeftOut.Select(o => o.ToString())];

    public static async Task<TableCatalog> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var rows = await connection.ListAsync(
            Sql,
            r => (Table: new Table(r.GetString(0), r.GetString(1), r.GetInt64(3), r.GetBoolean(5)), Kind: r.GetString(2), OfExtension: r.GetBoolean(4)),
            ct);
        return new TableCatalog(
            [.. rows.Where(r => r.Kind == "r" && !r.OfExtension).Select(r => r.Table)],
            [.. rows.Where(r => r.Kind != "r" || r.OfExtension).Select(r => new Omission(Reason(r.Kind), r.Table.Schema, r.Table.Name))]);
    }

    /// <summary>
    /// Exact rows of each, with their checksum where one is given, several connections at once, the largest first. Each connection is used by
    /// one count at a time.
    /// </summary>
    public static async Task<IReadOnlyList<TableCount>> CountAsync(
        IReadOnlyList<Table> tables, IReadOnlyList<NpgsqlConnection> connections, TableChecksum? checksum, Action<Table>? counted, CancellationToken ct)
    {
        var work = new System.Collections.Concurrent.ConcurrentQueue<Table>(tables.OrderByDescending(t => t.Pages));
        var counts = new System.Collections.Concurrent.ConcurrentBag<TableCount>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAll(connections.Select(CountNextAsync));
        return [.. counts.OrderBy(c => c.Schema, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];

        async Task CountNextAsync(NpgsqlConnection connection)
        {
            try
            {
                if (checksum is not null)
                    await TableChecksum.SettleAsync(connection, stop.Token);
                while (work.TryDequeue(out var table))
                {
                    counts.Add(await CountOneAsync(connection, table, checksum, stop.Token));
                    counted?.Invoke(table);
                }
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private static async Task<TableCount> CountOneAsync(NpgsqlConnection connection, Table table, TableChecksum? checksum, CancellationToken ct)
    {
        if (checksum is null)
            return new TableCount(table.Schema, table.Name, await connection.ScalarAsync<long>($"SELECT pg_catalog.count(*) FROM ONLY {table.Quoted}", ct));
        var (rows, hash) = await checksum.ReadAsync(connection, table.Schema, table.Name, ct);
        return new TableCount(table.Schema, table.Name, rows) { Checksum = hash };
    }

    private static string Reason(string kind) => kind switch
    {
        "m" => "materialized view",
        "f" => "foreign table",
        _ => "extension's own table",
    };
}
