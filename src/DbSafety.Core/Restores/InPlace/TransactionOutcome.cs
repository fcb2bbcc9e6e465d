using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>What became of a transaction.</summary>
internal enum TransactionOutcome
{
    Unknown,
    Committed,
    RolledBack,
}

/// <summary>A transaction of another session, by its number and its server process.</summary>
/// <param name="Id">As <c>txid_current()</c> gives it: 64 bits.</param>
internal sealed record ServerTransaction(long Id, int Pid)
{
    /// <summary>The 32 bits that rows carry as xmin and xmax.</summary>
    public uint RowId => unchecked((uint)Id);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Asks the server what became of it (<c>txid_status</c>, PostgreSQL 10 and later:
    /// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT), on a connection of its own.
    /// </summary>
    /// <param name="end">It must not go on: its session is ended where it has not noticed that its client is gone.</param>
    /// <param name="patience">How long a server that does not answer, or a transaction that does not end, is asked again.</param>
    public async Task<TransactionOutcome> OutcomeAsync(DatabaseTarget target, bool end, TimeSpan patience)
    {
        for (var until = DateTime.UtcNow + patience; ; await Task.Delay(Pause))
        {
            try
            {
                await using var connection = await target.OpenAsync(CancellationToken.None, "dbsafety restore");
                while (true)
                {
                    var status = await StatusAsync(connection);
                    if (status != "in progress" || DateTime.UtcNow > until)
                        return status switch { "committed" => TransactionOutcome.Committed, "aborted" => TransactionOutcome.RolledBack, _ => TransactionOutcome.Unknown };
                    if (end)
                        await EndAsync(connection);
                    await Task.Delay(Pause);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException)
            {
                // A server that is starting again, or a connection that was cut: asked again until patience ends.
                if (DateTime.UtcNow > until)
                    return TransactionOutcome.Unknown;
            }
        }
    }

    /// <summary>A standby does not know yet what it will have received when it becomes the primary.</summary>
    private Task<string?> StatusAsync(NpgsqlConnection connection) =>
        connection.ScalarAsync<string>("SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'in progress' ELSE pg_catalog.txid_status($1) END", CancellationToken.None, Id);

    private Task<int> EndAsync(NpgsqlConnection connection) => connection.ExecuteAsync(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_xid::text = $2",
        CancellationToken.None,
        Pid,
        RowId.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
