using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Replication;

/// <summary>
/// Removes subscriptions from a database that is to be dropped, which PostgreSQL rejects while it has any. The slot on the publisher stays: it is
/// the live database's too.
/// </summary>
internal static class SubscriptionRemoval
{
    /// <param name="keepEnabled">An enabled subscription, which still applies rows, keeps the database.</param>
    /// <returns>Null: it has no subscriptions any more. Otherwise the obstacle.</returns>
    public static async Task<string?> RunAsync(DatabaseTarget database, NpgsqlConnection maintenance, uint oid, bool keepEnabled)
    {
        var subscriptions = await ListAsync(maintenance, oid);
        if (subscriptions.Count == 0)
            return null;
        if (keepEnabled && subscriptions.FirstOrDefault(s => s.Enabled).Name is { } enabled)
            return $"its subscription {enabled} is enabled";
        try
        {
            await using var inside = await database.OpenAsync(CancellationToken.None, "dbsafety drop");
            foreach (var subscription in subscriptions)
                await RemoveAsync(inside, subscription.Name);
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            var why = e is PostgresException p ? p.MessageText : e.Message;
            return $"it has subscriptions ({string.Join(", ", subscriptions.Select(s => s.Name))}), which could not be dropped: {why}";
        }
    }

    /// <summary>Drops one, and leaves its slot on the publisher.</summary>
    public static async Task RemoveAsync(NpgsqlConnection inside, string subscription)
    {
        var name = SqlName.Quote(subscription);
        await inside.ExecuteAsync($"ALTER SUBSCRIPTION {name} DISABLE", CancellationToken.None);
        await inside.ExecuteAsync($"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)", CancellationToken.None);
        await inside.ExecuteAsync($"DROP SUBSCRIPTION {name}", CancellationToken.None);
    }

    public static async Task<IReadOnlyList<(string Name, bool Enabled)>> ListAsync(NpgsqlConnection connection, uint database) => await connection.ListAsync(
        "SELECT subname::text, subenabled FROM pg_catalog.pg_subscription WHERE subdbid = $1::bigint::oid ORDER BY 1",
        r => (r.GetString(0), r.GetBoolean(1)),
        CancellationToken.None,
        (long)database);
}
