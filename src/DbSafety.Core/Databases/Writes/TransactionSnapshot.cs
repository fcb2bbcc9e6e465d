using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>
/// Which transactions a snapshot sees (https://www.postgresql.org/docs/current/functions-info.html, pg_snapshot), and the SQL that finds rows
/// it does not see by their xmin. The ids of a snapshot have 64 bits and xmin has 32, so ids are compared by their distance from the
/// snapshot's oldest id. A row that was frozen long ago keeps an id that may look like a new one: where it looks newer than any id
/// assigned so far it is old, and otherwise it is reported as not seen, which only makes the result more careful.
/// </summary>
/// <param name="Minimum">The oldest id that was still running; all earlier ids are visible or aborted.</param>
/// <param name="Maximum">The first id that had not ended; it and all later ids are not visible.</param>
/// <param name="Running">Ids between the two that were running.</param>
internal sealed record TransactionSnapshot(ulong Minimum, ulong Maximum, IReadOnlyList<ulong> Running)
{
    /// <summary>Beyond this distance, an id of 32 bits would be ambiguous.</summary>
    private const ulong MostDistance = int.MaxValue / 2;

    /// <summary>
    /// The first of <see cref="Running"/> that has committed since; null: none has, or it was not checked. A snapshot does not list the ids of subtransactions (savepoints, blocks with
    /// EXCEPTION): a row that was written by a later id can belong to it, regardless of the snapshot.
    /// </summary>
    private ulong? Uncertain { get; init; }

    /// <summary>Such as <c>100:104:100,102</c>.</summary>
    /// <exception cref="FormatException">It is not a snapshot.</exception>
    public static TransactionSnapshot Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 3)
            throw new FormatException($"'{text}' is not a snapshot");
        return new TransactionSnapshot(Id(parts[0]), Id(parts[1]), [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Id)]);
    }

    /// <summary>The SQL expression that returns the current snapshot as text.</summary>
    public static string Sql(NpgsqlConnection connection) =>
        connection.PostgreSqlVersion.Major >= 13 ? "pg_catalog.pg_current_snapshot()::text" : "pg_catalog.txid_current_snapshot()::text";

    public static async Task<TransactionSnapshot> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        Parse((await connection.ScalarAsync<string>($"SELECT {Sql(connection)}", ct))!);

    /// <summary>With the outcome of the transactions that were running in it. Call it after everything to be compared has been committed.</summary>
    /// <param name="own">Transactions of this run.</param>
    public async Task<TransactionSnapshot> WithOutcomesAsync(NpgsqlConnection connection, IReadOnlyCollection<ulong> own, CancellationToken ct)
    {
        var others = Running.Except(own).Select(id => (long)id).ToArray();
        if (others.Length == 0)
            return this;
        var first = await connection.ScalarAsync<long?>($"SELECT pg_catalog.min(id) FROM pg_catalog.unnest($1::bigint[]) ids (id) WHERE {TransactionIds.MayBeCommitted(connection)}", ct, others);
        return this with { Uncertain = (ulong?)first };
    }

    /// <summary>Whether rows can be compared by their xmin, with so many ids assigned since.</summary>
    public bool CanCompare(TransactionSnapshot now) => now.Maximum - Minimum < MostDistance;

    /// <summary>The distance of an id from <see cref="Minimum"/>, as <see cref="Distance"/> computes it for a row.</summary>
    public long DistanceOf(ulong id) => (long)(id - Minimum);

    /// <summary>The distance of a row from <see cref="Minimum"/>: negative if it is older.</summary>
    /// <param name="xmin">The xmin column.</param>
    public string Distance(string xmin) => $"((SELECT pg_catalog.age({Literal(Minimum)})::bigint) - pg_catalog.age({xmin})::bigint)";

    /// <summary>The condition that the snapshot does not see the row.</summary>
    /// <param name="distance">The result of <see cref="Distance"/>.</param>
    /// <param name="now">A snapshot that sees all rows that are examined.</param>
    public string NotSeen(string xmin, string distance, TransactionSnapshot now)
    {
        var running = Running.Count == 0 ? "" : $" OR {In(xmin, Running)}";
        if (Uncertain is { } first)
            running += string.Create(CultureInfo.InvariantCulture, $" OR {distance} >= {DistanceOf(first)}");
        return string.Create(CultureInfo.InvariantCulture, $"({distance} >= 0 AND {distance} < {DistanceOf(now.Maximum)} AND ({distance} >= {DistanceOf(Maximum)}{running}))");
    }

    /// <summary>The condition that a row was written by one of these transactions.</summary>
    public static string In(string xmin, IReadOnlyCollection<ulong> ids) =>
        ids.Count == 0 ? "false" : $"{xmin} = ANY (ARRAY[{string.Join(", ", ids.Select(Literal))}])";

    private static string Literal(ulong id) => string.Create(CultureInfo.InvariantCulture, $"'{(uint)id}'::xid");

    private static ulong Id(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
