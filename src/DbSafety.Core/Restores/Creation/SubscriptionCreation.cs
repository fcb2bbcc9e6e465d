using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>
/// Creates a backup's subscriptions in the database that replaced the live database, disabled. The publisher is contacted only if the previous
/// database was its subscriber already: to read which tables it publishes. A subscription without that list skips and confirms every change
/// from ENABLE to REFRESH PUBLICATION, which PostgreSQL permits in this order only.
/// </summary>
internal static partial class SubscriptionCreation
{
    /// <summary>The swap is committed by then: whatever fails is a warning.</summary>
    /// <param name="kept">The previous database; null where there was none.</param>
    /// <returns>Notes about each.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        DatabaseTarget live, string? kept, IReadOnlyList<DumpedSubscription> subscriptions, IOperationEvents events, CancellationToken ct)
    {
        var notes = new List<string>();
        foreach (var subscription in subscriptions)
        {
            StepPoint.Reach("restore: about to create a subscription");
            var name = SqlName.Display(subscription.Name);
            if (kept is not null && await IsSubscriberAsync(live, kept, subscription, ct) && await CreateAsync(live, subscription, connect: true, ct) is null)
            {
                notes.Add($"the subscription {name} was created disabled: ALTER SUBSCRIPTION {SqlName.Quote(subscription.Name)} ENABLE continues where the subscription of {kept} stopped; rows that were replicated between the backup and the swap are only in {kept}");
            }
            else if (await CreateAsync(live, subscription, connect: false, ct) is { } problem)
            {
                notes.Add($"the subscription {name} of the backup was not created: {problem}");
                events.Warning(notes[^1]);
            }
            else
            {
                notes.Add($"the subscription {name} was created disabled, without its list of tables: after ENABLE it skips all changes until REFRESH PUBLICATION, so truncate its tables and let REFRESH PUBLICATION copy them again; rows that were replicated after the backup are not in {live.Database}");
            }
        }

        return notes;
    }

    private static async Task<bool> IsSubscriberAsync(DatabaseTarget live, string kept, DumpedSubscription subscription, CancellationToken ct)
    {
        try
        {
            await using var connection = await live.OpenAsync(ct, "dbsafety restore");
            var slot = await connection.ScalarAsync<string>(
                "SELECT s.subslotname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 AND s.subname = $2", ct, kept, subscription.Name);
            return slot is not null && subscription.Create.Count > 0 && subscription.Create[0].Contains($"slot_name = {SqlName.Literal(slot)}", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>Null: it was created. Otherwise why it failed.</returns>
    private static async Task<string?> CreateAsync(DatabaseTarget live, DumpedSubscription subscription, bool connect, CancellationToken ct)
    {
        if (subscription.Create.Count == 0)
            return "its statement would contact the publisher; create it by hand";
        try
        {
            await using var connection = await live.OpenAsync(ct, "dbsafety restore");
            // All or nothing; CREATE SUBSCRIPTION can run in a transaction if it creates no slot.
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await connection.ExecuteAsync("SET LOCAL statement_timeout = '20s'", ct);
            foreach (var statement in subscription.Create)
                await connection.ExecuteAsync(connect ? UnconnectedPattern().Replace(statement, " WITH (connect = true, enabled = false, create_slot = false, copy_data = false, ", 1) : statement, ct);
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

    /// <summary>In the statement as pg_dump writes it, the last parenthesis; nothing after it is quoted but the slot's name.</summary>
    [GeneratedRegex(@" WITH \(connect = false, (?=slot_name = [^()]*\);?\s*\z)", RegexOptions.CultureInvariant)]
    private static partial Regex UnconnectedPattern();
}
