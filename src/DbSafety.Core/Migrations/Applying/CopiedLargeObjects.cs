using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The large objects of a copy, and, where this role may read them, hashes of their bytes in a temporary table.</summary>
internal sealed class CopiedLargeObjects
{
    private const string Hashes = "SELECT loid, pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5(data), '' ORDER BY pageno)) AS hash FROM pg_catalog.pg_largeobject GROUP BY loid";

    private const string Kept = "pg_temp.dbsafety_large_objects";

    private readonly NpgsqlConnection connection;

    private CopiedLargeObjects(NpgsqlConnection connection, HashSet<uint> numbers, bool isHashed) => (this.connection, Numbers, IsHashed) = (connection, numbers, isHashed);

    public HashSet<uint> Numbers { get; }

    private bool IsHashed { get; }

    public static async Task<CopiedLargeObjects> KeepAsync(NpgsqlConnection connection, bool withBytes, CancellationToken ct)
    {
        var numbers = await LargeObjectLosses.ReadAsync(connection, ct);
        var hashed = withBytes && numbers.Count > 0 && await connection.ScalarAsync<bool>("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')", ct);
        if (hashed)
            await connection.ExecuteAsync($"CREATE TEMPORARY TABLE {Kept} AS {Hashes}", ct);
        return new CopiedLargeObjects(connection, numbers, hashed);
    }

    /// <summary>The removed large objects, and those whose bytes differ.</summary>
    public async Task<(long Removed, IReadOnlyList<UnexpectedLoss> Losses)> CompareAsync(Coverage coverage, CancellationToken ct)
    {
        var now = await LargeObjectLosses.ReadAsync(connection, ct);
        var losses = LargeObjectLosses.Between(Numbers, now, coverage).ToList();
        var overwritten = IsHashed ? await connection.ScalarAsync<long>(
            $"SELECT count(*) FROM {Kept} AS o JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = o.loid LEFT JOIN ({Hashes}) AS n ON n.loid = o.loid WHERE n.hash IS DISTINCT FROM o.hash", ct) : 0;
        if (overwritten > 0 && LargeObjectLosses.Overwritten(overwritten) is var loss && !coverage.IsNamed(loss.AllowAs))
            losses.Add(loss);
        return (Numbers.LongCount(n => !now.Contains(n)), losses);
    }
}
