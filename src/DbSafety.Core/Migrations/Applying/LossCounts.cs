using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The numbers of rows and values that a refusal names. A transaction that has dropped or truncated a table blocks other sessions that would count it.</summary>
internal static class LossCounts
{
    private const string LockLimit = "5s", TimeLimit = "30s";

    /// <summary>From a census before the loss.</summary>
    public static IReadOnlyList<UnexpectedLoss> Add(StructureCensus before, IEnumerable<UnexpectedLoss> losses) =>
        [.. losses.Select(l => l.IsUncounted && before.Tables.TryGetValue(l.Table, out var table) && CensusComparison.Number(table, l.Column?.Name) is { } number ? l.Counted(number) : l)];

    /// <summary>After the transaction has been rolled back. If counting takes too long, the loss is reported without a number.</summary>
    /// <param name="connection">In no transaction.</param>
    public static async Task<IReadOnlyList<UnexpectedLoss>> AddAsync(NpgsqlConnection connection, IEnumerable<UnexpectedLoss> losses, CancellationToken ct)
    {
        var counted = new List<UnexpectedLoss>();
        foreach (var loss in losses)
            counted.Add(loss.IsUncounted && await CountAsync(connection, loss, ct) is { } number ? loss.Counted(number) : loss);
        return counted;
    }

    private static async Task<long?> CountAsync(NpgsqlConnection connection, UnexpectedLoss loss, CancellationToken ct)
    {
        try
        {
            await connection.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL lock_timeout = '{LockLimit}'; SET LOCAL statement_timeout = '{TimeLimit}'", ct);
            var table = await connection.ListAsync(
                "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid", r => SqlName.Quote(r.GetString(0), r.GetString(1)), ct, (long)loss.Table);
            return table.Count == 0 ? null : await connection.ScalarAsync<long>($"SELECT count({(loss.Column is { } column ? SqlName.Quote(column.Name) : "*")}) FROM {table[0]}", ct);
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
    }
}
