using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// Decides inside the swap whether the live database can be replaced. The connection is a session in the live database, in an open
/// READ COMMITTED transaction that lasts until the session ends just before the rename continues: its locks are held until then.
/// </summary>
internal interface ISwapCondition
{
    /// <summary>Acquires the locks that keep writers out of the tables that matter, and examines their rows. Other sessions may still be connected.</summary>
    /// <exception cref="DbSafetyException">Aborts the swap; the live database stays as it is.</exception>
    Task HoldAsync(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>
    /// Decides finally: no other session is left in the database, none can connect until the rename is committed or rolled back, and the
    /// locks of <see cref="HoldAsync"/> are still held. Must be quick: PostgreSQL waits 5 seconds for the session to end. It is called
    /// again after a new <see cref="HoldAsync"/> in a new session if the rename had to be repeated.
    /// </summary>
    /// <exception cref="DbSafetyException">Aborts the swap; the live database stays as it is.</exception>
    Task ConfirmAsync(NpgsqlConnection connection, CancellationToken ct);
}
