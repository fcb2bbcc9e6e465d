using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Histories.Reading;

/// <summary>Reads tables that may not belong to the project: never waits long for another session's lock or for a large table, and skips a table that cannot be read.</summary>
internal static class GuardedRead
{
    /// <summary>In a separate transaction, so that no setting of the session changes.</summary>
    /// <returns>Null: it cannot be read.</returns>
    public static async Task<List<T>?> ListAsync<T>(NpgsqlConnection connection, Func<Task<List<T>>> read, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await connection.ExecuteAsync("SET TRANSACTION READ ONLY; SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = '3s'", ct);
            return await read();
        }
        catch (PostgresException e) when (!ct.IsCancellationRequested && !e.SqlState.StartsWith("57P", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
