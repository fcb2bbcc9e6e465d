using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Finds out from a new session whether a transaction was committed whose connection was lost: by its status (pg_xact_status,
/// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT) and by a row that it wrote. A status alone does not
/// prove a commit: after a crash the server can assign the ID of a transaction without WAL records to another transaction.
/// </summary>
internal sealed class TransactionOutcome(MigrationProject project, DatabaseTarget target, TimeSpan wait, IOperationEvents events)
{
    /// <summary>The application name of the sessions that run migrations.</summary>
    public const string Session = "dbsafety migration run";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public DatabaseTarget Target => target;

    /// <summary>Assigns an ID to the open transaction, which otherwise would get an ID with its first write.</summary>
    public static async Task<OpenTransaction> OfAsync(NpgsqlConnection connection, CancellationToken ct) =>
        // The older names exist in every release since version 10.
        new(await connection.ScalarAsync<long>("SELECT pg_catalog.txid_current()", ct), connection.ProcessID);

    /// <summary>Waits until the server accepts connections and the transaction has ended, for a limited time.</summary>
    /// <param name="open">Null: it had no ID yet, so it wrote nothing.</param>
    /// <param name="commitSent">Whether COMMIT was sent; otherwise its server process is terminated, if it still runs.</param>
    /// <param name="isRecorded">Whether a row that it wrote exists; null: it wrote no row that can be queried.</param>
    public async Task<(ScriptEnd End, string Why)> FindAsync(OpenTransaction? open, bool commitSent, Func<NpgsqlConnection, Task<bool>>? isRecorded)
    {
        events.Warning($"the connection to {target.Server} was lost; asking the server whether the transaction was committed");
        StepPoint.Reach("migration: connection lost");
        (ScriptEnd, string) end = (ScriptEnd.Unknown, "");
        var why = await UntilAsync(async connection =>
        {
            if (await LookAsync(connection, open, commitSent, isRecorded) is not { } found)
                return $"transaction {open!.Id} is still in progress in process {open.Pid}";
            end = found;
            return null;
        });
        return why is null ? end : (ScriptEnd.Unknown, why);
    }

    /// <summary>Terminates the lost session, waits until it has ended, and checks its effects.</summary>
    /// <returns>Null: the effects could not be checked within the time limit.</returns>
    public async Task<bool?> AfterSessionAsync(int pid, Func<NpgsqlConnection, Task<bool>> look)
    {
        events.Warning($"the connection to {target.Server} was lost; waiting until the server has terminated the session");
        StepPoint.Reach("migration: connection lost");
        bool? found = null;
        await UntilAsync(async connection =>
        {
            const string Alive = "FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND datname = current_database() AND usename = session_user";
            if (await connection.ScalarAsync<bool>($"SELECT pg_catalog.pg_terminate_backend(pid) {Alive}", CancellationToken.None, pid))
                return "its session still exists";
            found = await look(connection);
            return null;
        });
        return found;
    }

    /// <summary>Retries connecting until the work succeeds in a new session, for a limited time.</summary>
    /// <returns>Why the work failed; null if it succeeded.</returns>
    public async Task<string?> UntilAsync(Func<NpgsqlConnection, Task<string?>> work)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string? why;
            try
            {
                await using var connection = await project.ConnectAsync(target, Session, CancellationToken.None);
                why = await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_is_in_recovery()", CancellationToken.None) ? "the server is a standby" : await work(connection);
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException or IOException)
            {
                why = e.Message;
            }

            if (why is null || clock.Elapsed > wait)
                return why;
            await Task.Delay(Interval);
        }
    }

    /// <summary>The outcome of a transaction whose session still exists.</summary>
    public static async Task<ScriptEnd> OfEndedAsync(NpgsqlConnection connection, OpenTransaction? open) =>
        open is not null && await StatusAsync(connection, open) == "committed" ? ScriptEnd.PartsLeft : ScriptEnd.RolledBack;

    private static async Task<(ScriptEnd End, string Why)?> LookAsync(NpgsqlConnection connection, OpenTransaction? open, bool commitSent, Func<NpgsqlConnection, Task<bool>>? isRecorded)
    {
        if (open is null)
            return commitSent ? (ScriptEnd.Unknown, "the transaction had no ID") : (ScriptEnd.RolledBack, "");
        var status = await StatusAsync(connection, open);
        if (status == "in progress")
        {
            if (!commitSent)
                await EndAsync(connection, open);
            return null;
        }

        // Read after its end, so the row exists if the transaction was committed.
        bool? recorded = isRecorded is null ? null : await isRecorded(connection);
        return (status, recorded) switch
        {
            ("aborted", _) => (ScriptEnd.RolledBack, ""),
            ("committed", true or null) => (ScriptEnd.Committed, ""),
            ("committed", false) => (ScriptEnd.Unknown, $"the status of transaction {open.Id} is committed, but the row that it wrote does not exist"),
            (NotReached, false or null) => (ScriptEnd.RolledBack, ""),
            (null, true) => (ScriptEnd.Committed, ""),
            (null, false) => (ScriptEnd.RolledBack, ""),
            _ => (ScriptEnd.Unknown, $"the server no longer has the status of transaction {open.Id}"),
        };
    }

    private const string NotReached = "in the future";

    private static async Task<string?> StatusAsync(NpgsqlConnection connection, OpenTransaction open)
    {
        try
        {
            return await connection.ScalarAsync<string>("SELECT pg_catalog.txid_status($1)", CancellationToken.None, open.Id);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            // The server crashed before the transaction had WAL records, and assigns IDs from an earlier number again.
            return NotReached;
        }
    }

    /// <summary>A server process detects a lost client only when it sends data, which can take as long as its statement.</summary>
    private static Task<int> EndAsync(NpgsqlConnection connection, OpenTransaction open) =>
        connection.ExecuteAsync(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_xid::text::bigint = $2 & 4294967295", CancellationToken.None, open.Pid, open.Id);
}
