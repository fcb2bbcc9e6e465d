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
    // A table that was dropped after the snapshot has no privileges any more.
    // Temporary tables and the catalogues themselves are never dumped. Partitioned tables hold no rows of their own.
    private const string Sql = """
        SELECT n.nspname, c.relname, c.relkind::text, c.relpages::bigint,
               EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
               coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), true), c.oid
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Tables of fewer pages are counted as fast as they are asked for, so many of them at a time.</summary>
    private const int SmallPages = 1000, Together = 50;

    /// <summary>A table whose rows are dumped, with its size in pages of 8 KiB as last vacuumed.</summary>
    /// <param name="Oid">The table's OID.</param>
    public sealed record Table(string Schema, string Name, long Pages, bool Readable, uint Oid)
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
            r => (Table: new Table(r.GetString(0), r.GetString(1), r.GetInt64(3), r.GetBoolean(5), r.GetFieldValue<uint>(6)), Kind: r.GetString(2), OfExtension: r.GetBoolean(4)),
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
        var work = new System.Collections.Concurrent.ConcurrentQueue<Table[]>(tables.OrderByDescending(t => t.Pages).GroupBy(t => t.Pages < SmallPages).SelectMany(g => g.Chunk(g.Key && checksum is null ? Together : 1)));
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
                while (work.TryDequeue(out var some))
                {
                    foreach (var count in checksum is null ? await CountAsync(connection, some, stop.Token) : [await HashAsync(connection, some[0], checksum, stop.Token)])
                        counts.Add(count);
                    Array.ForEach(some, t => counted?.Invoke(t));
                }
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>In one round trip.</summary>
    private static async Task<IReadOnlyList<TableCount>> CountAsync(NpgsqlConnection connection, Table[] tables, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var table in tables)
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT pg_catalog.count(*) FROM ONLY {table.Quoted}"));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var counts = new List<TableCount>(tables.Length);
        foreach (var table in tables)
        {
            await reader.ReadAsync(ct);
            counts.Add(new TableCount(table.Schema, table.Name, reader.GetInt64(0)));
            await reader.NextResultAsync(ct);
        }

        return counts;
    }

    private static async Task<TableCount> HashAsync(NpgsqlConnection connection, Table table, TableChecksum checksum, CancellationToken ct)
    {
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
