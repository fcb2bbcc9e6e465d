using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>
/// Whether the bounds of a new partition overlap those of an existing partition (https://www.postgresql.org/docs/current/sql-createtable.html). PostgreSQL evaluates the constraints of the existing
/// partitions for values of the new bounds, and the new bounds for values of theirs; keys with expressions, other collations or operator classes, and bounds that are not literals are not checked.
/// </summary>
internal sealed class PartitionOverlap(NpgsqlConnection connection)
{
    private const string KeySql =
        """
        SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), p.partstrat::text FROM pg_catalog.pg_partitioned_table p, unnest(p.partattrs::int2[], p.partcollation::oid[], p.partclass::oid[]) WITH ORDINALITY k(num, coll, class, i)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.num JOIN pg_catalog.pg_opclass o ON o.oid = k.class
        WHERE p.partrelid = $1::oid AND p.partexprs IS NULL AND NOT EXISTS (SELECT FROM unnest(p.partattrs::int2[], p.partcollation::oid[], p.partclass::oid[]) s(num, coll, class)
            JOIN pg_catalog.pg_attribute t ON t.attrelid = p.partrelid AND t.attnum = s.num JOIN pg_catalog.pg_opclass c ON c.oid = s.class WHERE NOT c.opcdefault OR t.attcollation <> s.coll OR t.attcollation NOT IN (0, 100))
        ORDER BY k.i
        """;

    private const string SiblingsSql =
        """
        SELECT c.relname::text, pg_catalog.pg_get_expr(c.relpartbound, c.oid), coalesce(pg_catalog.pg_get_partition_constraintdef(c.oid), '') FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = $1::oid AND c.relpartbound IS NOT NULL ORDER BY 1
        """;

    private sealed record Key(string Column, string Type)
    {
        public string Cast(string literal) => $"CAST({literal} AS {Type})";
    }

    private sealed record Sibling(string Name, string Written, string Constraint);

    /// <param name="partition">The name of the new partition.</param>
    public async Task<Outcome?> ReadAsync(CatalogRelation parent, string partition, string written, CancellationToken ct)
    {
        var siblings = await connection.ListAsync(SiblingsSql, r => new Sibling(r.GetString(0), r.GetString(1), r.GetString(2)), ct, (long)parent.Oid);
        if (written.Equals("default", StringComparison.OrdinalIgnoreCase))
            return siblings.Find(IsDefault) is { } other ? Outcome.Refused($"partition {SqlName.Quote(partition)} conflicts with existing default partition {SqlName.Quote(other.Name)}") : null;
        // The constraint of a partition's partition is about the columns of both.
        if (parent.IsPartition || PartitionBounds.Values(written) is not { } bounds)
            return null;
        var keys = await connection.ListAsync(KeySql, r => (Key: new Key(r.GetString(0), r.GetString(1)), Strategy: r.GetString(2)), ct, (long)parent.Oid);
        if (keys.Count == 0 || keys[0].Strategy != (bounds.To is null ? "l" : "r") || (bounds.To is { } to && (bounds.From.Count != keys.Count || to.Count != keys.Count)))
            return null;
        List<Key> columns = [.. keys.Select(k => k.Key)];
        if (bounds.To is { } end && !bounds.IsOpenBelow && !bounds.IsOpenAbove && await IsTrueAsync($"{Row(columns, bounds.From)} >= {Row(columns, end)}", ct))
            return Outcome.Refused($"empty range bound specified for partition {SqlName.Quote(partition)}");
        foreach (var sibling in siblings.Where(s => !IsDefault(s)))
        {
            if (await OverlapsAsync(columns, bounds, sibling, ct))
                return Outcome.Refused($"partition {SqlName.Quote(partition)} would overlap partition {SqlName.Quote(sibling.Name)}");
        }

        return null;
    }

    private static bool IsDefault(Sibling sibling) => sibling.Written == "DEFAULT";

    private async Task<bool> OverlapsAsync(List<Key> keys, PartitionBounds.Ends bounds, Sibling sibling, CancellationToken ct)
    {
        if (bounds.To is not { } to)
            return await IsTrueAsync(string.Join(" OR ", bounds.From.Select(v => Fits([v]))), ct);
        if (!bounds.IsOpenBelow && await IsTrueAsync(Fits(bounds.From), ct))
            return true;
        if (PartitionBounds.Values(sibling.Written) is not { To: not null } other || other.From.Count != keys.Count)
            return false;
        if (other.IsOpenBelow)
            return bounds.IsOpenBelow;
        var conditions = new List<string>();
        if (!bounds.IsOpenBelow)
            conditions.Add($"{Row(keys, other.From)} >= {Row(keys, bounds.From)}");
        if (!bounds.IsOpenAbove)
            conditions.Add($"{Row(keys, other.From)} < {Row(keys, to)}");
        return conditions.Count == 0 || await IsTrueAsync(string.Join(" AND ", conditions), ct);

        string Fits(IReadOnlyList<string> values) =>
            $"(SELECT {sibling.Constraint} FROM (SELECT {string.Join(", ", keys.Zip(values, (k, v) => $"{k.Cast(v)} AS {SqlName.Quote(k.Column)}"))}) AS value)";
    }

    private Task<bool> IsTrueAsync(string condition, CancellationToken ct) => connection.ScalarAsync<bool>($"SELECT ({condition}) IS TRUE", ct);

    private static string Row(List<Key> keys, IReadOnlyList<string> values) => $"ROW({string.Join(", ", keys.Zip(values, (k, v) => k.Cast(v)))})";
}
