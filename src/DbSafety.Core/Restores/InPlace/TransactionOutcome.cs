using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>The outcome of a transaction.</summary>
internal enum TransactionOutcome
{
    Unknown,
    Committed,
    RolledBack,
}

/// <summary>A transaction of another session, by its number and its server process.</summary>
/// <param name="Id">As <c>txid_current()</c> gives it: 64 bits.</param>
internal sealed record ServerTransaction(long Id, ServerBackend Backend)
{
    public int Pid => Backend.Pid;

    /// <summary>The 32 bits that rows carry as xmin and xmax.</summary>
    public uint RowId => unchecked((uint)Id);

    private static readonly TimeSpan EndWaitLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Asks the server what became of it (<c>txid_status</c>, PostgreSQL 10 and later:
    /// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT), on a connection of its own.
    /// </summary>
    /// <param name="endAfter">
    /// When its session is ended, if the server has not noticed that its client has disconnected. A session that executes COMMIT can be terminated too: the status shows
    /// whether it was committed.
    /// </param>
    /// <param name="waitLimit">How long a server that does not answer, or a transaction that does not end, is asked again.</param>
    public async Task<TransactionOutcome> OutcomeAsync(DatabaseTarget target, TimeSpan endAfter, TimeSpan waitLimit)
    {
        var (end, until) = (DateTime.UtcNow + endAfter, DateTime.UtcNow + endAfter + waitLimit);
        for (; ; await Task.Delay(Pause))
        {
            try
            {
                await using var connection = await target.OpenAsync(CancellationToken.None, "dbsafety restore");
                while (true)
                {
                    var status = await StatusAsync(connection);
                    if (status != "in progress" || DateTime.UtcNow > until)
                        return status switch { "committed" => TransactionOutcome.Committed, "aborted" => TransactionOutcome.RolledBack, _ => TransactionOutcome.Unknown };
                    // Waits until it has ended and its locks are released.
                    if (DateTime.UtcNow >= end)
                        await Backend.EndAsync(connection, EndWaitLimit);
                    await Task.Delay(Pause);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException)
            {
                // The server is restarting, or the connection was lost: ask again until the time is up.
                if (DateTime.UtcNow > until)
                    return TransactionOutcome.Unknown;
            }
        }
    }

    /// <summary>A standby does not know yet what it will have received when it becomes the primary.</summary>
    private Task<string?> StatusAsync(NpgsqlConnection connection) =>
        connection.ScalarAsync<string>("SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'in progress' ELSE pg_catalog.txid_status($1) END", CancellationToken.None, Id);

    /// <summary>
    /// Whether COMMIT was sent and the server waits for it, or the transaction has ended: its client should have received the answer. The outcome is unknown while the server
    /// commits, or cannot be asked.
    /// </summary>
    public async Task<bool> ClientShouldHaveHeardAsync(DatabaseTarget target)
    {
        try
        {
            using var waitLimit = new CancellationTokenSource(EndWaitLimit);
            await using var connection = await target.OpenAsync(waitLimit.Token, "dbsafety restore");
            return await StatusAsync(connection) is not "in progress" || await Backend.IsIdleInTransactionAsync(connection, waitLimit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or OperationCanceledException or InvalidOperationException)
        {
            return false;
        }
    }
}
