using System.Data;
using System.Net.Sockets;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>Opens connections and converts Npgsql exceptions into errors of the catalogue.</summary>
public static class PgSession
{
    /// <summary>Connects, with an application name that identifies the operation (<c>pg_stat_activity.application_name</c>).</summary>
    /// <exception cref="DbSafetyException"><c>DBS101</c>, <c>DBS102</c>, <c>DBS103</c>; through a connection pooler <c>DBS120</c> to <c>DBS123</c>.</exception>
    public static Task<NpgsqlConnection> OpenAsync(this DatabaseTarget target, CancellationToken ct, string work = "dbsafety") =>
        OpenAsync(target, SessionUse.Own, work, ct);

    /// <summary>Connects for the statements of a project's migrations, which see the settings of the role and of the database.</summary>
    internal static Task<NpgsqlConnection> OpenForScriptsAsync(this DatabaseTarget target, string work, CancellationToken ct) =>
        OpenAsync(target, SessionUse.Scripts, work, ct);

    private static async Task<NpgsqlConnection> OpenAsync(DatabaseTarget target, SessionUse use, string work, CancellationToken ct)
    {
        PoolerCheck.RefuseDeclared(target);
        var connection = target.NewConnection();
        try
        {
            if (!await ConnectAsTextAsync(connection, ct))
            {
                await connection.DisposeAsync();
                connection = target.NewConnection();
                connection.ConnectionString = ByteText.ConnectionString(target.ConnectionString(null));
                await ConnectAsync(connection, ct);
            }

            if (!PoolerCheck.IsProven(target))
            {
                if (await SessionSettings.ApplyAsync(connection, target, use, work, behindPooler: false, ct))
                    return connection;
                await PoolerCheck.ProveAsync(target, connection, ct);
            }

            await PoolerCheck.WithinWaitLimitAsync(target, limit => SessionSettings.ApplyAsync(connection, target, use, work, behindPooler: true, limit.Token), ct);
            return connection;
        }
        catch (DbSafetyException)
        {
            await connection.DisposeAsync();
            throw;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await connection.DisposeAsync();
            throw ErrorCatalogue.DatabaseUnknown.Because(e, target.Server, target.Database, await NamesAsync(target, ct));
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or System.Security.Authentication.AuthenticationException)
        {
            await connection.DisposeAsync();
            throw Translate(e, target);
        }
        catch (OperationCanceledException) when (connection.State == ConnectionState.Open)
        {
            // One that is still connecting is given up and closed by itself.
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <returns>False: text of this database need not be UTF-8, and another connection is needed to read it.</returns>
    private static async Task<bool> ConnectAsTextAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await ConnectAsync(connection, ct);
            return !ByteText.IsNeeded(connection);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CharacterNotInRepertoire)
        {
            // Npgsql itself reads the names of types when it connects.
            return false;
        }
    }

    /// <summary>On cancellation, does not wait for a server that accepts connections and does not respond: Npgsql would wait for its timeout.</summary>
    private static async Task ConnectAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var opening = connection.OpenAsync(ct);
        try
        {
            await opening.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (!opening.IsCompleted)
        {
            _ = AbandonAsync(opening, connection);
            throw;
        }
    }

    private static async Task AbandonAsync(Task opening, NpgsqlConnection connection)
    {
        await opening.ContinueWith(static attempt => _ = attempt.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await connection.DisposeAsync();
    }

    /// <summary>The server has ended a session that was idle in its transaction (idle_in_transaction_session_timeout).</summary>
    internal const string IdleInTransactionTimeout = "25P03";

    /// <summary>The error of the catalogue for an exception.</summary>
    public static DbSafetyException Translate(Exception e, DatabaseTarget target) => e switch
    {
        DbSafetyException known => known,
        // The certificate was refused while Npgsql connected.
        NpgsqlException { InnerException: DbSafetyException known } => known,
        _ when PoolerCheck.Refusal(e, target) is { } pooler => pooler,
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } p =>
            ErrorCatalogue.LoginFailed.Because(e, target.Server, p.MessageText),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } p =>
            ErrorCatalogue.DatabaseUnknown.Because(e, target.Server, target.Database, p.MessageText),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } p =>
            ErrorCatalogue.PermissionDenied.Because(e, target.Database, p.MessageText, "Grant the privilege, or use a role that has it. No further statements were run."),
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or IdleInTransactionTimeout } p =>
            ErrorCatalogue.ConnectionLost.Because(e, target.Server, p.MessageText),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } p =>
            ErrorCatalogue.LockTimeout.Because(e, target.Database, "its lock_timeout", p.MessageText),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } p => ErrorCatalogue.TooManyConnections.Because(e, target.Server, p.MessageText),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => ErrorCatalogue.ServerDiskFull.Because(e, target.Server, full.MessageText),
        PostgresException p => ErrorCatalogue.QueryFailed.Because(e, target.Database, p.MessageText, p.Hint ?? ""),
        NpgsqlException n when (n.InnerException ?? n).Message.StartsWith(WireConnection.NoPassword, StringComparison.Ordinal) =>
            ErrorCatalogue.LoginFailed.Because(e, target.Server, "the server requires a password, and none was specified"),
        NpgsqlException n when n.InnerException is IOException or EndOfStreamException =>
            ErrorCatalogue.ConnectionLost.Because(e, target.Server, n.InnerException.Message),
        _ => ErrorCatalogue.ServerUnreachable.Because(e, target.Server, (e.InnerException ?? e).Message),
    };

    private static async Task<string> NamesAsync(DatabaseTarget target, CancellationToken ct)
    {
        if (target.Database is "postgres" or "template1")
            return "unknown";
        try
        {
            // Only from the usual databases: this database does not exist and cannot be queried for others.
            await using var connection = await target.On("postgres").OpenMaintenanceAsync(ct);
            var names = await connection.ListAsync("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1", r => r.GetString(0), ct);
            return string.Join(", ", names);
        }
        catch (DbSafetyException e)
        {
            return $"unknown ({e.Message})";
        }
    }

    /// <summary>The statement failed, not the server or the session.</summary>
    public static bool IsOfTheStatement(PostgresException e) =>
        e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleInTransactionTimeout);
}
