using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Counts the rows that prevent attaching a table as a partition, or finds that its constraints exclude such rows.</summary>
internal static class LivePartitions
{
    /// <summary>The rows outside the bounds, and the rows within them in the default partition. For a new partition, the partitioned table is used instead, and only the latter are counted.</summary>
    public static async Task<LiveAnswer> OutsideAsync(NpgsqlConnection connection, LiveTable partition, LiveQuestion question, CancellationToken ct)
    {
        var isNew = question.Relation == question.Parent;
        if (isNew && !await HasDefaultAsync(connection, partition, ct))
            return new LiveAnswer(true, 0);
        if (await ConditionAsync(connection, question, ct) is not { } within)
            return new LiveAnswer(true, null);
        var outside = isNew ? 0 : await connection.ScalarAsync<long>($"SELECT count(*) FROM {partition.Sql} WHERE ({within.Sql}) IS NOT TRUE", ct);
        return new LiveAnswer(true, outside + (within.Default is { } other ? await connection.ScalarAsync<long>($"SELECT count(*) FROM {other} WHERE {within.Sql}", ct) : 0));
    }

    /// <summary>0: the table's constraints imply the bounds, and there is no default partition to be read. The planner proves it, as ATTACH PARTITION does.</summary>
    public static async Task<LiveAnswer> ReadAsync(NpgsqlConnection connection, LiveTable partition, LiveQuestion question, CancellationToken ct)
    {
        if (await ConditionAsync(connection, question, ct) is not { Default: null } within)
            return new LiveAnswer(true, null);
        await connection.ExecuteAsync("SET LOCAL constraint_exclusion = on", ct);
        foreach (var rows in (string[])[$"NOT ({within.Sql})", $"{within.Key} IS NULL"])
        {
            var plan = await connection.ListAsync($"EXPLAIN (COSTS off) SELECT FROM ONLY {partition.Sql} WHERE {rows}", r => r.GetString(0), ct);
            if (!plan.Exists(l => l.Contains("One-Time Filter: false", StringComparison.Ordinal)))
                return new LiveAnswer(true, 1);
        }

        return new LiveAnswer(true, 0);
    }

    private static Task<bool> HasDefaultAsync(NpgsqlConnection connection, LiveTable table, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_partitioned_table WHERE partrelid = $1::oid AND partdefid <> 0)", ct, (long)table.Oid);

    /// <summary>For a key of one column, and bounds that are literals; otherwise null.</summary>
    private static async Task<(string Sql, string Key, string? Default)?> ConditionAsync(NpgsqlConnection connection, LiveQuestion question, CancellationToken ct)
    {
        var key = (await connection.ListAsync(
            """
            SELECT a.attname, d.nspname, d.relname FROM pg_catalog.pg_partitioned_table p JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
            LEFT JOIN (SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace) d ON d.oid = p.partdefid
            WHERE p.partrelid = to_regclass($1) AND p.partnatts = 1 AND p.partstrat IN ('r', 'l') AND p.partexprs IS NULL
            """,
            r => (Column: r.GetString(0), Schema: r.Text(1), Default: r.Text(2)), ct, question.Parent!.Sql)).FirstOrDefault();
        if (key.Column is null || question.Condition is not { } bounds || PartitionBounds.Read(bounds, SqlName.Quote(key.Column)) is not { } condition)
            return null;
        return (condition, SqlName.Quote(key.Column), key.Default is null ? null : SqlName.Quote(key.Schema!, key.Default));
    }
}
