using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>Which transactions wrote the rows of a table.</summary>
/// <param name="Total">All rows.</param>
/// <param name="Seen">Rows that are visible in the earlier snapshot.</param>
/// <param name="Foreign">Rows that are not visible in it and were not written by this run.</param>
/// <param name="NewestForeign">The distance of the newest of these rows from the oldest id of the snapshot.</param>
internal sealed record RowOrigins(long Total, long Seen, long Foreign, long NewestForeign);

/// <summary>Compares the rows of tables with an earlier snapshot.</summary>
internal sealed class RowExamination
{
    private readonly NpgsqlConnection connection;
    private readonly TransactionSnapshot since, now;
    private readonly IReadOnlyCollection<ulong> own;

    private RowExamination(NpgsqlConnection connection, TransactionSnapshot since, TransactionSnapshot now, IReadOnlyCollection<ulong> own) =>
        (this.connection, this.since, this.now, this.own) = (connection, since, now, own);

    /// <param name="since">The earlier snapshot.</param>
    /// <param name="now">A snapshot in which every examined row is visible.</param>
    /// <param name="own">Transactions of this run.</param>
    public static async Task<RowExamination> BeginAsync(NpgsqlConnection connection, TransactionSnapshot since, TransactionSnapshot now, IReadOnlyCollection<ulong> own, CancellationToken ct) =>
        new(connection, await since.WithOutcomesAsync(connection, own, ct), now, own);

    public Task<RowOrigins> ReadAsync(TableState table, CancellationToken ct) => ReadAsync($"ONLY {SqlName.Quote(table.Schema, table.Name)} t", "t.xmin", ct);

    /// <param name="from">The relations, where <paramref name="xmin"/> is a column of one of them.</param>
    public async Task<RowOrigins> ReadAsync(string from, string xmin, CancellationToken ct)
    {
        var unseen = since.NotSeen("writer", "distance", now);
        var foreign = $"{unseen} AND NOT ({TransactionSnapshot.In("writer", own)})";
        return (await connection.ListAsync(
            $"""
            SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE NOT {unseen}), pg_catalog.count(*) FILTER (WHERE {foreign}), coalesce(pg_catalog.max(distance) FILTER (WHERE {foreign}), 0)
            FROM (SELECT {since.Distance(xmin)} AS distance, {xmin} AS writer FROM {from} OFFSET 0) AS examined
            """,
            r => new RowOrigins(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), ct))[0];
    }
}
