using System.Data;
using System.Diagnostics;
using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Sessions;

/// <summary>
/// A session whose connection was lost only on the client's side, for example by a NAT or a firewall: the server keeps its transaction and its locks.
/// Timeouts make the server end it on its own, and a new connection terminates it at once.
/// </summary>
internal static class LostSession
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// For the transaction that is open: how long the server waits for its client's next statement, and for the network to confirm what it sends. Settings that
    /// the server does not know are skipped; the tcp settings do nothing on a Unix-domain socket.
    /// </summary>
    /// <param name="idle">Longer than the client takes between two statements.</param>
    public static string LimitSql(TimeSpan idle)
    {
        var milliseconds = ((long)idle.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return $"""
            SELECT pg_catalog.set_config(s.name, w.value, true)
            FROM (VALUES ('idle_in_transaction_session_timeout', '{milliseconds}'), ('tcp_user_timeout', '{milliseconds}'), ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) AS w (name, value)
            JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) w.name
            """;
    }

    public static bool IsLost(NpgsqlConnection connection) => connection.State is ConnectionState.Closed or ConnectionState.Broken;

    /// <summary>Terminates it from a new connection, and waits until it has ended.</summary>
    /// <param name="apartFrom">Databases that no session can connect to while the session exists.</param>
    /// <returns>Null: it has ended. Otherwise why that is unknown.</returns>
    public static async Task<string?> EndAsync(DatabaseTarget server, ServerBackend backend, TimeSpan waitLimit, string[] apartFrom)
    {
        var clock = Stopwatch.StartNew();
        var problem = $"pid {backend.Pid} did not end";
        do
        {
            try
            {
                await using var connection = await server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety swap", apartFrom);
                if (await backend.EndAsync(connection, waitLimit))
                    return null;
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException or IOException)
            {
                problem = e.Message;
            }

            await Task.Delay(Pause);
        }
        while (clock.Elapsed < waitLimit);
        return problem;
    }

    /// <summary>The same if another error is already being reported.</summary>
    public static async Task EndOrWarnAsync(DatabaseTarget server, ServerBackend backend, TimeSpan waitLimit, IOperationEvents events, params string[] apartFrom)
    {
        events.Verbose($"the connection of pid {backend.Pid} was lost: ending its session on the server");
        if (await EndAsync(server, backend, waitLimit, apartFrom) is { } problem)
            events.Warning($"the connection to {server.Server} was lost, and the session with pid {backend.Pid} may still hold its locks on {apartFrom[0]}: {problem}. End it with pg_terminate_backend({backend.Pid}), unless the server has already");
    }
}
