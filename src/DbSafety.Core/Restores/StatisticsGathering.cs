using System.Collections.Concurrent;
using System.Data;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.Restores.Filling;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// Analyzes tables without planner statistics in a restored database, before the swap: without them the first queries get bad plans, and slow
/// queries of many clients look like an outage.
/// </summary>
internal static class StatisticsGathering
{
    /// <summary>
    /// Tables and materialized views without statistics, and those whose partitions, expression indexes or extended statistics came later than
    /// their rows; the largest first. An ANALYZE of a partitioned table covers its partitions; version 18 and later can leave them out.
    /// </summary>
    private const string Sql = """
        WITH known AS MATERIALIZED (SELECT DISTINCT schemaname, tablename FROM pg_catalog.pg_stats)
        SELECT n.nspname::text, c.relname::text, c.relkind = 'p' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)' AND c.relpersistence <> 't' AND (
            (c.relkind IN ('r', 'm') AND pg_catalog.pg_relation_size(c.oid) > 0 AND (
                NOT EXISTS (SELECT 1 FROM known k WHERE k.schemaname = n.nspname AND k.tablename = c.relname)
                OR c.relhassubclass
                OR EXISTS (SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                    WHERE i.indrelid = c.oid AND i.indexprs IS NOT NULL AND NOT EXISTS (SELECT 1 FROM known k WHERE k.schemaname = n.nspname AND k.tablename = x.relname))
                OR EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_namespace en ON en.oid = e.stxnamespace
                    WHERE e.stxrelid = c.oid AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stats_ext s WHERE s.statistics_schemaname = en.nspname AND s.statistics_name = e.stxname))))
            OR (c.relkind = 'p' AND ($1 OR NOT c.relispartition)))
        ORDER BY pg_catalog.pg_relation_size(c.oid) DESC
        """;

    /// <summary>Several tables at the same time. What cannot be analyzed is a warning: the rows are there.</summary>
    /// <param name="paths">The search_path for tables whose indexes or statistics call functions that find names by it.</param>
    public static async Task RunAsync(DatabaseTarget database, IReadOnlyList<string> paths, IOperationEvents events, CancellationToken ct)
    {
        ConcurrentQueue<string> statements;
        long free;
        await using (var connection = await FillSettings.OpenAsync(database, ct))
        {
            free = (await FreeConnections.ReadAsync(connection, database.Database, ct)).Count;
            var only = connection.PostgreSqlVersion.Major >= 18;
            statements = new(await connection.ListAsync(Sql, r => $"ANALYZE {(only && r.GetBoolean(2) ? "ONLY " : "")}{SqlName.Quote(r.GetString(0), r.GetString(1))}", ct, only));
        }

        using var work = new TaskGroup(ct);
        for (var i = 0; i < Math.Min(Math.Min(Environment.ProcessorCount, Math.Max(1, free)), statements.Count); i++)
            _ = work.Run(token => Task.Run(() => WorkAsync(database, statements, paths, events, token), token));
        await work.WaitAsync();
    }

    private static async Task<bool> WorkAsync(DatabaseTarget database, ConcurrentQueue<string> statements, IReadOnlyList<string> paths, IOperationEvents events, CancellationToken ct)
    {
        await using var session = await FillSettings.OpenAsync(database, ct);
        while (statements.TryDequeue(out var statement))
        {
            try
            {
                await SearchPath.RunAsync(session, paths, () => session.ExecuteAsync(statement, ct), ct);
            }
            catch (PostgresException e) when (session.State == ConnectionState.Open && !ct.IsCancellationRequested)
            {
                events.Warning($"{statement} failed, so the planner has no statistics for this table: {e.MessageText}");
            }
        }

        return true;
    }
}
