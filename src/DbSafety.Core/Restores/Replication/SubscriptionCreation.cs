using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Replication;

/// <summary>Creates a backup's subscriptions in the database that took the live one's place: disabled, without contacting the publisher.</summary>
internal static class SubscriptionCreation
{
    /// <summary>The swap is committed by then: whatever fails is a warning.</summary>
    /// <returns>What to know about each.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(DatabaseTarget live, IReadOnlyList<DumpedSubscription> subscriptions, IOperationEvents events, CancellationToken ct)
    {
        var notes = new List<string>();
        foreach (var subscription in subscriptions)
        {
            StepPoint.Reach("restore: about to create a subscription");
            if (await CreateAsync(live, subscription, ct) is { } problem)
            {
                notes.Add($"the subscription {SqlName.Display(subscription.Name)} of the backup was not created: {problem}");
                events.Warning(notes[^1]);
            }
            else
            {
                notes.Add($"the subscription {SqlName.Display(subscription.Name)} was created disabled, with its slot's name as in the backup: rows that were replicated after the backup are in the previous database only; "
                    + $"then run ALTER SUBSCRIPTION {SqlName.Quote(subscription.Name)} ENABLE and ALTER SUBSCRIPTION {SqlName.Quote(subscription.Name)} REFRESH PUBLICATION WITH (copy_data = false)");
            }
        }

        return notes;
    }

    private static async Task<string?> CreateAsync(DatabaseTarget live, DumpedSubscription subscription, CancellationToken ct)
    {
        if (subscription.Create.Count == 0)
            return "its statement would contact the publisher; create it by hand";
        try
        {
            await using var connection = await live.OpenAsync(ct, "dbsafety restore");
            // All of it or nothing; CREATE SUBSCRIPTION may be in a transaction where it does not connect.
            await using var transaction = await connection.BeginTransactionAsync(ct);
            foreach (var statement in subscription.Create)
                await connection.ExecuteAsync(statement, ct);
            await transaction.CommitAsync(ct);
            return null;
        }
        catch (PostgresException e)
        {
            return e.MessageText;
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or OperationCanceledException)
        {
            return e.Message;
        }
    }
}
