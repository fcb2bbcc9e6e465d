using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Several servers, or conditions on a server, as in libpq's <c>host</c> and <c>target_session_attrs</c>. A server is chosen before an operation begins, and
/// all sessions and programs of the operation use it.
/// </summary>
internal sealed class HostChoice(IReadOnlyList<DatabaseTarget> servers, string? attributes)
{
    private static readonly string[] All = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];

    public static void Check(string? attributes, string place)
    {
        if (attributes is not null && !All.Contains(attributes))
            throw ErrorCatalogue.WireSettingInvalid.For(place, "target_session_attrs", $"it is not one of {string.Join(", ", All)}");
    }

    public IReadOnlyList<DatabaseTarget> Servers => servers;

    public string? Attributes => attributes;

    public string Text => string.Join(", ", servers.Select(s => s.Server));

    /// <summary>The first reachable server that matches.</summary>
    /// <exception cref="DbSafetyException"><c>DBS129</c>; login errors of a server that was reached.</exception>
    public async Task<DatabaseTarget> ChooseAsync(IOperationEvents events, CancellationToken ct)
    {
        DbSafetyException? last = null;
        foreach (var wanted in attributes == "prefer-standby" ? ["standby", "any"] : new[] { attributes ?? "any" })
        {
            foreach (var server in servers)
            {
                try
                {
                    await using var connection = await server.OpenAsync(ct);
                    if (wanted == "any" || await FitsAsync(connection, wanted, ct))
                    {
                        events.Verbose($"uses {server.Server} of {Text}");
                        return server;
                    }
                }
                catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ServerUnreachable || e.Definition == ErrorCatalogue.ConnectionLost)
                {
                    last = e;
                }
            }
        }

        throw ErrorCatalogue.NoServerFits.Because(last, Text, attributes ?? "any", last?.Message ?? "all servers were reached");
    }

    private static async Task<bool> FitsAsync(Npgsql.NpgsqlConnection connection, string wanted, CancellationToken ct)
    {
        var isStandby = await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_is_in_recovery()", ct);
        // The setting as the session began with it, by the database, the role, the options or the configuration; SessionSettings has turned it off since.
        var isReadOnly = isStandby || await connection.ScalarAsync<string>("SELECT reset_val FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_transaction_read_only'", ct) == "on";
        return wanted switch { "primary" => !isStandby, "standby" => isStandby, "read-only" => isReadOnly, _ => !isReadOnly };
    }
}
