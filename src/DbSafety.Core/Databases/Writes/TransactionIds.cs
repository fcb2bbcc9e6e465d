using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>
/// A fast check: if every transaction that has committed since a snapshot belongs to this run, no other session has written. A transaction that was still
/// running in the snapshot can have committed since, so those are checked too. All databases of a server share transaction IDs, so on a busy server
/// this proves nothing, and rows are examined instead.
/// </summary>
internal static class TransactionIds
{
    /// <summary>The maximum number of IDs that are checked individually: more do not all belong to one run.</summary>
    private const long MostIds = 200_000;

    /// <param name="since">Earlier writes are ignored.</param>
    /// <param name="now">Later writes are ignored.</param>
    /// <param name="own">The committed transactions of this run.</param>
    public static async Task<bool> ProveAsync(NpgsqlConnection connection, TransactionSnapshot since, TransactionSnapshot now, IReadOnlyCollection<ulong> own, CancellationToken ct)
    {
        if (now.Maximum - since.Maximum > MostIds)
            return false;
        return !await connection.ScalarAsync<bool>(
            $"""
            SELECT EXISTS (
                SELECT FROM (SELECT pg_catalog.generate_series({Number(since.Maximum)}, {Number(now.Maximum)} - 1) UNION ALL SELECT pg_catalog.unnest($1::bigint[])) AS ids (id)
                WHERE id <> ALL ($2::bigint[]) AND {MayBeCommitted(connection)})
            """,
            ct, since.Running.Select(id => (long)id).ToArray(), own.Select(id => (long)id).ToArray());
    }

    /// <summary>The condition for a column <c>id</c>. An ID without a status is too old to be checked.</summary>
    public static string MayBeCommitted(NpgsqlConnection connection) =>
        $"coalesce({(connection.PostgreSqlVersion.Major >= 13 ? "pg_catalog.pg_xact_status(id::text::xid8)" : "pg_catalog.txid_status(id)")}, 'committed') = 'committed'";

    private static string Number(ulong id) => id.ToString(CultureInfo.InvariantCulture) + "::bigint";
}
