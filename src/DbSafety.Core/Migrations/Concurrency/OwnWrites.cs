using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>What one committed transaction of this run wrote to one table, by PostgreSQL's own count inside of it.</summary>
internal sealed record OwnChange(uint Oid, long Inserted, long Updated, long Deleted)
{
    public static OwnChange operator +(OwnChange one, OwnChange other) =>
        new(one.Oid, one.Inserted + other.Inserted, one.Updated + other.Updated, one.Deleted + other.Deleted);

    public bool IsAny => Inserted + Updated + Deleted > 0;

    /// <summary>Rows that another session wrote before may have been updated or deleted: the remaining rows do not show it.</summary>
    public bool HidesEarlierWrites => Updated + Deleted > 0;
}

/// <summary>What this run itself has written to the database: only this is ever subtracted from what is found there.</summary>
internal sealed class OwnWrites
{
    /// <summary>The maximum number that is distinguished.</summary>
    private const int MostSubtransactions = 10_000;

    private readonly HashSet<ulong> ids = [];
    private readonly Dictionary<uint, OwnChange> changes = [];

    /// <summary>The transactions of this run, committed or not.</summary>
    public IReadOnlyCollection<ulong> Ids => ids;

    /// <summary>A statement that ran outside a transaction of this run, so that neither its ids nor its rows are known; null: none.</summary>
    public string? Untracked { get; private set; }

    public OwnChange Of(uint table) => changes.GetValueOrDefault(table) ?? new OwnChange(table, 0, 0, 0);

    /// <summary>
    /// Records the id of the transaction that is open and what it wrote. If it is then rolled back, too much is recorded, which only makes
    /// the comparison more careful.
    /// </summary>
    public async Task NoteAsync(NpgsqlConnection connection, IEnumerable<OwnChange> written, CancellationToken ct)
    {
        var id = await connection.ScalarAsync<long>(
            connection.PostgreSqlVersion.Major >= 13 ? "SELECT pg_catalog.pg_current_xact_id_if_assigned()::text::bigint" : "SELECT pg_catalog.txid_current_if_assigned()", ct);
        Note((ulong)id, written);
    }

    /// <param name="id">0: it has none, because it has written nothing.</param>
    public void Note(ulong id, IEnumerable<OwnChange> written)
    {
        if (id != 0)
            ids.Add(id);
        foreach (var change in written)
            changes[change.Oid] = Of(change.Oid) + change;
    }

    /// <summary>
    /// Records the subtransaction that has written a row: after a savepoint, rows have the id of the subtransaction, which PostgreSQL does not otherwise report.
    /// </summary>
    /// <param name="xmin">The query for the row's xmin.</param>
    public async Task NoteSubtransactionAsync(NpgsqlConnection connection, string xmin, CancellationToken ct)
    {
        var found = await connection.ListAsync($"SELECT ({xmin})::text::bigint, pg_catalog.txid_current()", r => (Row: r.GetInt64(0), Transaction: r.GetInt64(1)), ct);
        foreach (var (row, transaction) in found)
            ids.Add((ulong)transaction + (uint)((uint)row - (uint)transaction));
    }

    /// <summary>The same for all subtransactions of the open transaction whose rows are in a table: rows of an id that has not ended and that it sees are its own.</summary>
    public async Task NoteSubtransactionsAsync(NpgsqlConnection connection, LiveTable table, CancellationToken ct)
    {
        var found = await connection.ListAsync(
            $"SELECT DISTINCT xmin::text::bigint, pg_catalog.txid_current() FROM ONLY {table.Sql} WHERE {XactCounts.IsOwnRow} LIMIT {MostSubtransactions}", r => r.GetInt64(1) + (uint)((uint)r.GetInt64(0) - (uint)r.GetInt64(1)), ct);
        if (found.Count > 0)
            ids.UnionWith((await connection.ListAsync("SELECT id FROM pg_catalog.unnest($1::bigint[]) ids (id) WHERE pg_catalog.txid_status(id) = 'in progress'", r => (ulong)r.GetInt64(0), ct, found.ToArray())));
    }

    public void RanOutsideTransaction(string what) => Untracked ??= what;
}
