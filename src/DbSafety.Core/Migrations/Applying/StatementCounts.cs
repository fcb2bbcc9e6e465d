using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// The rows that are deleted while a statement runs outside a transaction (pg_stat_all_tables): if it deletes rows and inserts the same number of rows, the number
/// of rows does not change. Rows that other sessions delete while it runs are counted too.
/// </summary>
internal sealed class StatementCounts
{
    /// <summary>From this version, a session can be made to report its statistics immediately.</summary>
    private const int FirstAtOnce = 15;

    /// <summary>Before this version, a session reports them at most twice a second, with a delay.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(700);

    private readonly Dictionary<uint, (string Name, long Deleted)> before;

    private StatementCounts(Dictionary<uint, (string Name, long Deleted)> before) => this.before = before;

    /// <param name="connection">The session that is to run the statement, in no transaction.</param>
    public static async Task<StatementCounts> StartAsync(NpgsqlConnection connection, NpgsqlConnection observer, CancellationToken ct)
    {
        await HandInAsync(connection, ct);
        return new StatementCounts(await ReadAsync(observer, ct));
    }

    /// <param name="census">The census from before the statement.</param>
    /// <param name="onlyEmpty">Other sessions delete rows of the tables in use, so only losses from tables that were empty are reported.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> LossesAsync(NpgsqlConnection connection, NpgsqlConnection observer, StructureCensus census, Coverage coverage, bool onlyEmpty, CancellationToken ct)
    {
        await HandInAsync(connection, ct);
        var now = await ReadAsync(observer, ct);
        return
        [
            .. now.Where(t => census.Tables.TryGetValue(t.Key, out var table) && (!onlyEmpty || table.Rows == 0) && !coverage.Rows(t.Key, RowLoss.Deleted))
                .Select(t => (Oid: t.Key, t.Value.Name, Deleted: t.Value.Deleted - before.GetValueOrDefault(t.Key).Deleted))
                .Where(t => t.Deleted > 0)
                .Select(t => new UnexpectedLoss($"delete-rows:{t.Name}", string.Create(CultureInfo.InvariantCulture, $"{t.Deleted:N0} {(t.Deleted == 1 ? "row" : "rows")} of {t.Name} would be deleted")) { Table = t.Oid }),
        ];
    }

    private static async Task HandInAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (connection.PostgreSqlVersion.Major >= FirstAtOnce)
        {
            // The statistics are reported after the statement has finished.
            await connection.ExecuteAsync("SELECT pg_catalog.pg_stat_force_next_flush()", ct);
            return;
        }

        await Task.Delay(Delay, ct);
        await connection.ExecuteAsync("SELECT 1", ct);
        await Task.Delay(Delay, ct);
    }

    private static async Task<Dictionary<uint, (string Name, long Deleted)>> ReadAsync(NpgsqlConnection observer, CancellationToken ct) =>
        (await observer.ListAsync(
            "SELECT relid, schemaname, relname, n_tup_del FROM pg_catalog.pg_stat_all_tables WHERE relid >= 16384",
            r => (Oid: r.GetFieldValue<uint>(0), Name: new RelationName(r.GetString(1), r.GetString(2)).Display("public"), Deleted: r.GetInt64(3)), ct)).ToDictionary(t => t.Oid, t => (t.Name, t.Deleted));
}
