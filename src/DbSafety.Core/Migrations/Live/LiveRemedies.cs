using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Sets a remedy that PostgreSQL accepts on findings about partitioned tables.</summary>
internal static class LiveRemedies
{
    public static async Task<MigrationFinding> AdaptAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct)
    {
        if (finding.IfPartitioned is not { } other)
            return finding;
        // No row: it is not partitioned, or what is asked for is a default partition and there is none.
        var found = await connection.ListAsync(
            """
            SELECT p.relname, n.nspname, coalesce(p.relkind NOT IN ('r'), false) FROM pg_catalog.pg_class c
            LEFT JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhrelid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
            WHERE c.oid = to_regclass($1) AND c.relkind IN ('p', 'I') AND (NOT $2 OR EXISTS (SELECT FROM pg_catalog.pg_partitioned_table t WHERE t.partrelid = c.oid AND t.partdefid <> 0)) ORDER BY 2, 1
            """,
            r => (Name: r.Text(0), Schema: r.Text(1), IsNested: r.GetBoolean(2)), ct, other.Relation.Sql, other.OnlyWithDefault);
        if (found.Count == 0)
            return finding;
        var partitions = found.Where(f => f.Name is not null).Select(f => new RelationName(f.Schema, f.Name!)).ToList();
        var sql = found.Any(f => f.IsNested) ? null : other.Sql?.Invoke(partitions);
        return finding with { Remedy = sql is null ? other.Words.TrimEnd(':') + (other.Words.EndsWith('.') ? "" : ".") : $"{other.Words}\n{sql}", RemedySql = sql };
    }
}
