using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Types;

/// <summary>What a real server does with a change of the type of column <c>c</c> of table <c>t</c>: it is run, looked at and rolled back.</summary>
/// <param name="Refused">The server's words, where it refuses it for an empty table.</param>
/// <param name="Failing">How many values it fails on.</param>
/// <param name="Lost">How many of the others do not come back the same.</param>
internal sealed record ObservedChange(string? Refused, int Failing, int Lost, bool Rewrites, bool Rebuilds)
{
    public static async Task<ObservedChange> RunAsync(NpgsqlConnection connection, MatrixType from, string to, string sql)
    {
        var (rewrites, rebuilds, refused) = await OnEmptyAsync(connection, sql);
        if (refused is not null)
            return new ObservedChange(refused, 0, 0, false, false);
        var (failing, lost) = (0, 0);
        await connection.ExecuteAsync("BEGIN", default);
        for (var id = 1; id <= from.Values.Length; id++)
        {
            await connection.ExecuteAsync($"SAVEPOINT one; DELETE FROM t WHERE id <> {id}", default);
            try
            {
                await connection.ExecuteAsync(sql, default);
                lost += await ComesBackAsync(connection, from, to, id) ? 0 : 1;
            }
            catch (PostgresException)
            {
                failing++;
            }

            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT one", default);
        }

        await connection.ExecuteAsync("ROLLBACK", default);
        return new ObservedChange(null, failing, lost, rewrites, rebuilds);
    }

    private static async Task<(bool Rewrites, bool Rebuilds, string? Refused)> OnEmptyAsync(NpgsqlConnection connection, string sql)
    {
        await connection.ExecuteAsync("BEGIN; DELETE FROM t", default);
        try
        {
            var before = await FilesAsync(connection);
            await connection.ExecuteAsync(sql, default);
            var after = await FilesAsync(connection);
            var rewrites = before["t"] != after["t"];
            return (rewrites, !rewrites && before.Any(f => after[f.Key] != f.Value), null);
        }
        catch (PostgresException e)
        {
            return (false, false, e.MessageText);
        }
        finally
        {
            await connection.ExecuteAsync("ROLLBACK", default);
        }
    }

    private static async Task<Dictionary<string, uint>> FilesAsync(NpgsqlConnection connection) =>
        (await connection.ListAsync("SELECT relname::text, pg_relation_filenode(oid) FROM pg_class WHERE relname IN ('t', 't_c')", r => (r.GetString(0), r.GetFieldValue<uint>(1)), default)).ToDictionary(f => f.Item1, f => f.Item2);

    private static async Task<bool> ComesBackAsync(NpgsqlConnection connection, MatrixType from, string to, int id)
    {
        var isNumber = from.Name.StartsWith("num", StringComparison.Ordinal);
        var old = from.Name switch { "positive" or "number" => "int", "required_text" => "text", "code" => "varchar(5)", "longer_code" => "varchar(20)", "codes" => "varchar(5)[]", _ => from.Name };
        var value = $"$type${from.Values[id - 1]}$type$::{old}";
        string[] ways = to.StartsWith("char(", StringComparison.Ordinal) ? ["c::text"] : to == "inet" && from.Name != "cidr" ? ["abbrev(c)"] : ["c", "c::text"];
        foreach (var way in ways)
        {
            await connection.ExecuteAsync("SAVEPOINT way", default);
            try
            {
                return await connection.ScalarAsync<bool>(isNumber ? $"SELECT ({way})::{old} IS NOT DISTINCT FROM {value} FROM t" : $"SELECT ({way})::{old}::text = {value}::text FROM t", default);
            }
            catch (PostgresException e)
            {
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT way", default);
                if (e.SqlState != PostgresErrorCodes.CannotCoerce)
                    return false;
            }
        }

        return false;
    }
}
