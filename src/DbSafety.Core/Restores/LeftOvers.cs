using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Clears what restores and rehearsals of a database left that were killed. The lock is ours by then, so none of them is at work.</summary>
internal static class LeftOvers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task SweepAsync(NpgsqlConnection maintenance, string database, IOperationEvents events, CancellationToken ct)
    {
        await EndCreationsAsync(maintenance, KeptDatabases.RestoringName(database, DateTimeOffset.UnixEpoch), ct);
        await EndCreationsAsync(maintenance, KeptDatabases.RehearsalName(database, DateTimeOffset.UnixEpoch), ct);
        foreach (var left in await KeptDatabases.FindUnfinishedAsync(maintenance, database, ct))
        {
            await SetRestore.DropAsync(maintenance, left.Name, events);
            events.Warning($"dropped {left.Name}, which a run that did not end had left behind");
        }
    }

    /// <summary>
    /// A server notices that a client is gone when it answers it: a CREATE DATABASE goes on to its end without anyone to want it, and the
    /// database would be there after the sweep.
    /// </summary>
    private static async Task EndCreationsAsync(NpgsqlConnection maintenance, string name, CancellationToken ct)
    {
        var begin = "CREATE DATABASE " + SqlName.Quote(name)[..^"19700101T000000Z\"".Length];
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            var ended = await maintenance.ListAsync(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND pg_catalog.starts_with(query, $1) AND pid <> pg_catalog.pg_backend_pid()",
                r => r.GetBoolean(0),
                ct,
                begin);
            if (ended.Count == 0)
                return;
            await Task.Delay(Pause, ct);
        }
    }
}
