using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// The remaining work after a swap is committed. Neither its failure nor its cancellation must fail the operation: a user who reads that a restore failed
/// repeats it, and a repeated undo goes back one step further.
/// </summary>
internal static class AfterSwap
{
    /// <returns>What the work returned, or null: a warning then reports what failed.</returns>
    public static async Task<T?> TryAsync<T>(string what, IOperationEvents events, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or OperationCanceledException or InvalidOperationException or IOException or TimeoutException)
        {
            events.Warning($"the swap is committed, but {what} failed: {e.Message}");
            return default;
        }
    }

    /// <summary>When the swap retained a database; <paramref name="otherwise"/>: a time before the swap.</summary>
    public static async Task<DateTimeOffset> RetainedAtAsync(NpgsqlConnection maintenance, string retained, DateTimeOffset otherwise, IOperationEvents events, CancellationToken ct) =>
        await TryAsync<DateTimeOffset?>($"reading the time of {retained}", events, async () => await RetainedDatabases.RetainedAtAsync(maintenance, retained, ct)) ?? otherwise;

    /// <summary>Bytes of a database on disk.</summary>
    public static Task<long?> SizeAsync(NpgsqlConnection maintenance, string database, IOperationEvents events, CancellationToken ct) => TryAsync<long?>(
        $"measuring {database}", events, async () => await maintenance.ScalarAsync<long>("SELECT pg_catalog.pg_database_size($1::name)", ct, database));
}
