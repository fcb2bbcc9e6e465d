using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>Runs queries in the middle of a script's transaction, without an effect on the transaction.</summary>
internal static class Savepoint
{
    /// <summary>Read only, whatever the query calls, and with row_security off: the query fails if policies would hide rows.</summary>
    public static async Task<T> ReadOnlyAsync<T>(NpgsqlConnection connection, Func<Task<T>> look, CancellationToken ct)
    {
        await connection.ExecuteAsync("SAVEPOINT dbsafety_look", ct);
        try
        {
            await connection.ExecuteAsync("SET LOCAL transaction_read_only = on; SET LOCAL row_security = off", ct);
            return await look();
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT dbsafety_look; RELEASE SAVEPOINT dbsafety_look", CancellationToken.None);
        }
    }
}
