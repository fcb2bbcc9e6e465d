using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>The state of a database in a snapshot, with which later writes can be found by comparison.</summary>
/// <param name="Tables">By oid.</param>
/// <param name="Catalogs">Row counts of each of <see cref=="CatalogExamination.Catalogs"/>.</param>
internal sealed record DatabaseState(TransactionSnapshot Snapshot, IReadOnlyDictionary<uint, TableState> Tables, IReadOnlyDictionary<string, long> Catalogs)
{
    public const string LargeObjects = "pg_largeobject_metadata";

    /// <summary>Rows of pg_largeobject; null: not read, or not readable.</summary>
    public long? LargeObjectPages { get; init; }

    public IReadOnlyList<SequenceValue> Sequences { get; init; } = [];

    /// <summary>Without the rows of the tables.</summary>
    /// <param name="connection">In a transaction of REPEATABLE READ.</param>
    public static async Task<DatabaseState> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        new(await TransactionSnapshot.ReadAsync(connection, ct), await TableState.ListAsync(connection, ct), await CatalogExamination.CountAsync(connection, ct));

    /// <summary>With the rows that were counted under the same snapshot. Of an extension's table not all are.</summary>
    public DatabaseState With(IEnumerable<TableCount> counts)
    {
        var rows = counts.Where(c => c.Extension is null).ToDictionary(c => (c.Schema, c.Name), c => c.Rows);
        return this with { Tables = Tables.ToDictionary(t => t.Key, t => rows.TryGetValue((t.Value.Schema, t.Value.Name), out var count) ? t.Value with { Rows = count } : t.Value) };
    }
}
