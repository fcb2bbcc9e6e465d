using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>
/// Allows a swap only if nothing was written to the live database since a state that was read before the restore began. This run writes
/// nothing in that time, so nothing is subtracted: each table must have exactly the rows that the state's snapshot saw.
/// </summary>
/// <param name="backup">Sequence values as the restore sets them.</param>
internal sealed class UnchangedCondition(DatabaseState state, IReadOnlyList<SequenceValue> backup, TimeSpan lockTimeout) : ISwapCondition
{
    private const int LockBatch = 100;

    /// <summary>Sequences that the restore resets to earlier values, although no rows were written: their values may have been used.</summary>
    public IReadOnlyList<string> AdvancedSequences { get; private set; } = [];

    public async Task HoldAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await connection.ExecuteAsync(
                "SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL search_path = pg_catalog; "
                + $"SET LOCAL lock_timeout = {(long)lockTimeout.TotalMilliseconds}", ct);
            Refuse(connection, Differences(await TableState.ListAsync(connection, ct)));
            await LockAsync(connection, ct);
            StepPoint.Reach("restore after failure: tables locked");
            Refuse(connection, Differences(await TableState.ListAsync(connection, ct)));
            await ExamineAsync(connection, ct);
            StepPoint.Reach("restore after failure: rows examined");
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.ConcurrentWrites.Because(e, connection.Database, new ConcurrentWrites.Unknown(e.MessageText));
        }
    }

    public async Task ConfirmAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            Refuse(connection, Differences(await TableState.ListAsync(connection, ct)));
            var now = await TransactionSnapshot.ReadAsync(connection, ct);
            var catalogs = await CatalogExamination.ReadAsync(await RowExamination.BeginAsync(connection, state.Snapshot, now, [], ct), ct);
            Refuse(connection, [.. catalogs.Where(c => c.Value.Foreign > 0 || c.Value.Seen != state.Catalogs.GetValueOrDefault(c.Key)).Select(c => $"definitions in {c.Key}")]);
            var prepared = await connection.ListAsync("SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()", r => r.GetString(0), ct);
            Refuse(connection, [.. prepared.Select(p => $"prepared transaction {p}")]);
            var values = backup.ToDictionary(s => (s.Schema, s.Name));
            AdvancedSequences = [.. (await SequenceCatalog.ReadAsync(connection, ct))
                .Where(s => values.TryGetValue((s.Schema, s.Name), out var then) && then != s)
                .Select(s => $"{new RelationName(s.Schema, s.Name).Display("public")} from {s.Value} to {values[(s.Schema, s.Name)].Value}")];
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.ConcurrentWrites.Because(e, connection.Database, new ConcurrentWrites.Unknown(e.MessageText));
        }
    }

    /// <summary>SHARE mode allows reads, and waits for transactions that have written.</summary>
    private async Task LockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var names = state.Tables.Values.Select(t => SqlName.Quote(t.Schema, t.Name)).ToList();
        if (state.Catalogs.GetValueOrDefault(DatabaseState.LargeObjects) > 0)
            names.Add(LargeObjectPages.Table);
        foreach (var batch in names.Chunk(LockBatch))
            await connection.ExecuteAsync($"LOCK TABLE ONLY {string.Join(", ONLY ", batch)} IN SHARE MODE", ct);
    }

    private async Task ExamineAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        // All writing transactions have ended, so this snapshot sees all committed rows.
        var now = await TransactionSnapshot.ReadAsync(connection, ct);
        if (!state.Snapshot.CanCompare(now))
            throw ErrorCatalogue.ConcurrentWrites.For(connection.Database, new ConcurrentWrites.Unknown("too many transactions have run since the backup"));
        var (rows, changed) = (await RowExamination.BeginAsync(connection, state.Snapshot, now, [], ct), new List<string>());
        foreach (var table in state.Tables.Values)
        {
            var origins = await rows.ReadAsync(table, ct);
            if (origins.Foreign > 0 || origins.Seen != table.Rows)
                changed.Add(table.Display);
        }

        if (state.LargeObjectPages is { } pages)
        {
            var origins = await LargeObjectPages.ReadAsync(connection, rows, state, ct);
            if (origins is null || origins.Foreign > 0 || origins.Seen != pages)
                changed.Add("large objects");
        }

        Refuse(connection, changed);
    }

    private List<string> Differences(Dictionary<uint, TableState> now) =>
    [
        .. now.Values.Where(t => !state.Tables.TryGetValue(t.Oid, out var then) || then with { Rows = null } != t).Select(t => t.Display),
        .. state.Tables.Values.Where(t => !now.ContainsKey(t.Oid)).Select(t => t.Display),
    ];

    private static void Refuse(NpgsqlConnection connection, List<string> changed)
    {
        if (changed.Count > 0)
            throw ErrorCatalogue.ConcurrentWrites.For(connection.Database, new ConcurrentWrites.Tables([.. changed.Distinct(StringComparer.Ordinal)]));
    }
}
