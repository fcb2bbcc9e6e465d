using System.Collections.Concurrent;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// Exact row counts of tables, with checksums if requested, in the transactions of the given sessions. A query on a table makes the planner inspect
/// the functions of its indexes, and a function that depends on <c>search_path</c> then fails: tables are counted with only pg_catalog in
/// search_path, and only if that fails, with the search_path of the database.
/// </summary>
/// <param name="paths">The search_path values of the database; null: they are read from it.</param>
internal sealed class TableCounting(TableChecksum? checksum, IReadOnlyList<string>? paths, Action<TableCatalog.Table>? counted)
{
    private const string Point = "dbsafety_count", Cursor = "dbsafety_rows", Back = $"ROLLBACK TO SAVEPOINT {Point}; RELEASE SAVEPOINT {Point}";

    /// <summary>Tables with fewer pages are counted in batches.</summary>
    private const int SmallPages = 1000, Together = 50;

    /// <summary>Counts in several sessions concurrently, the largest tables first. Each session runs one count at a time.</summary>
    public async Task<IReadOnlyList<TableCount>> CountAsync(IReadOnlyList<TableCatalog.Table> tables, IReadOnlyList<NpgsqlConnection> sessions, CancellationToken ct)
    {
        var work = new ConcurrentQueue<TableCatalog.Table[]>(tables.OrderByDescending(t => t.Pages).GroupBy(t => t.Pages < SmallPages).SelectMany(g => g.Chunk(g.Key && checksum is null ? Together : 1)));
        var counts = new ConcurrentBag<TableCount>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAll(sessions.Select(CountNextAsync));
        return [.. counts.OrderBy(c => c.Schema, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];

        async Task CountNextAsync(NpgsqlConnection session)
        {
            try
            {
                if (checksum is not null)
                    await TableChecksum.ApplySettingsAsync(session, stop.Token);
                while (work.TryDequeue(out var some))
                {
                    foreach (var count in await CountAsync(session, some, stop.Token))
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

    private async Task<IReadOnlyList<TableCount>> CountAsync(NpgsqlConnection session, TableCatalog.Table[] tables, CancellationToken ct)
    {
        try
        {
            return await CountTogetherAsync(session, tables, ct);
        }
        catch (PostgresException e) when (SearchPath.IsMissing(e))
        {
            await session.ExecuteAsync(Back, ct);
            if (tables.Length == 1)
                return [await CountWithPathAsync(session, tables[0], e, ct)];
            var counts = new List<TableCount>();
            foreach (var table in tables)
                counts.AddRange(await CountAsync(session, [table], ct));
            return counts;
        }
    }

    /// <summary>In one round trip.</summary>
    private async Task<IReadOnlyList<TableCount>> CountTogetherAsync(NpgsqlConnection session, TableCatalog.Table[] tables, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(session);
        foreach (var sql in tables.Select(Sql).Prepend($"SET LOCAL search_path = {SearchPath.Safe}").Prepend($"SAVEPOINT {Point}").Append($"ROLLBACK TO SAVEPOINT {Point}").Append($"RELEASE SAVEPOINT {Point}"))
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var counts = new List<TableCount>(tables.Length);
        foreach (var table in tables)
        {
            await reader.ReadAsync(ct);
            counts.Add(Read(reader, table));
            await reader.NextResultAsync(ct);
        }

        return counts;
    }

    /// <summary>With the database's search_path, the query is only planned: the text of its rows would depend on the path too.</summary>
    private async Task<TableCount> CountWithPathAsync(NpgsqlConnection session, TableCatalog.Table table, PostgresException cause, CancellationToken ct)
    {
        foreach (var path in paths ?? await SearchPath.ReadAsync(session, ct))
        {
            await session.ExecuteAsync($"SAVEPOINT {Point}", ct);
            try
            {
                await session.ExecuteAsync("SELECT pg_catalog.set_config('search_path', $1, true)", ct, path);
                await session.ExecuteAsync($"DECLARE {Cursor} NO SCROLL CURSOR FOR {Sql(table)}", ct);
                await session.ExecuteAsync($"SET LOCAL search_path = {SearchPath.Safe}", ct);
                var count = (await session.ListAsync($"FETCH 1 FROM {Cursor}", r => Read(r, table), ct)).Single();
                await session.ExecuteAsync(Back, ct);
                return count;
            }
            catch (PostgresException e) when (SearchPath.IsMissing(e))
            {
                await session.ExecuteAsync(Back, ct);
            }
        }

        if (table.Condition.Length > 0)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
        // A function of an index does not exist: no query can read the table; COPY, and so pg_dump, can, because it plans nothing.
        return table.Counted(await CopiedRowsAsync(session, table, ct), null);
    }

    /// <summary>In COPY text format, each row is a line.</summary>
    private static async Task<long> CopiedRowsAsync(NpgsqlConnection session, TableCatalog.Table table, CancellationToken ct)
    {
        using var reader = await session.BeginTextExportAsync($"COPY {table.Quoted} TO STDOUT", ct);
        var buffer = new char[64 * 1024];
        var rows = 0L;
        for (var read = await reader.ReadAsync(buffer, ct); read > 0; read = await reader.ReadAsync(buffer, ct))
            rows += buffer.AsSpan(0, read).Count('\n');
        return rows;
    }

    private string Sql(TableCatalog.Table table) =>
        checksum is not null ? checksum.Sql(table) : table.Condition.Length == 0 ? $"SELECT pg_catalog.count(*) FROM {table.Source}" : $"SELECT pg_catalog.count(*) FROM (SELECT 1 FROM {table.Source}) AS dumped";

    private TableCount Read(NpgsqlDataReader reader, TableCatalog.Table table) =>
        table.Counted(reader.GetInt64(0), checksum is null ? null : TableChecksum.Read(reader));
}
