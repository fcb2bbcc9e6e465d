using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Replication;

/// <summary>
/// Logical replication slots of the live database. A slot belongs to its database, regardless of its name: after a swap its consumer, which
/// connects by name, cannot read it, and it retains WAL until it is dropped.
/// </summary>
internal static class LiveSlots
{
    /// <summary>Each slot with its consumer, as text.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) => await maintenance.ListAsync(
        """
        SELECT s.slot_name::text, s.plugin::text, s.active, nullif(a.application_name, ''), pg_catalog.host(a.client_addr)
        FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
        WHERE s.database = $1 AND NOT s.temporary ORDER BY 1
        """,
        r => $"{r.GetString(0)} ({r.GetString(1)}, {(r.GetBoolean(2) ? $"read by {r.Text(3) ?? "a client"}{(r.Text(4) is { } host ? " at " + host : "")}" : "no consumer connected")})",
        ct,
        database);

    /// <summary>Called before anything starts, and again inside the swap's transaction, where no session can create a slot any more.</summary>
    /// <exception cref="DbSafetyException"><c>DBS341</c>.</exception>
    public static async Task<IReadOnlyList<string>> CheckAsync(NpgsqlConnection connection, string database, string name, bool allowed, CancellationToken ct)
    {
        var slots = await ReadAsync(connection, name, ct);
        return slots.Count == 0 || allowed ? slots : throw ErrorCatalogue.SlotsLeftBehind.For(database, string.Join(", ", slots));
    }

    public static IEnumerable<string> Notes(IEnumerable<string> slots, string database, string kept) =>
        slots.Select(slot => $"the logical replication slot {slot} stays with {kept}: its consumer misses the changes to {database}; create a slot on {database} and start the consumer again with an initial copy");
}
