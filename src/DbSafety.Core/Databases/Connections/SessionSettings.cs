using System.Globalization;
using DbSafety.Analysis.Syntax;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>The source of the statements of a session; determines which settings of the role and the database apply.</summary>
internal enum SessionUse
{
    /// <summary>DbSafety's own statements: they must not depend on settings of the role or the database.</summary>
    Own,

    /// <summary>
    /// The project's migrations: search_path, DateStyle and everything else that scripts can rely on stays as it is. Timeouts, read-only
    /// transactions, the isolation level and asynchronous commits do not: they decide whether and when data is written, and checked.
    /// </summary>
    Scripts,
}

/// <summary>
/// The settings of every session that DbSafety opens, set in one round trip after connecting. Settings can also come from ALTER ROLE … SET and
/// ALTER DATABASE … SET. They are not passed as startup options, which connection poolers reject, and nothing is set on a server session that a pooler
/// gives to other clients too (<see cref="PoolerCheck"/>).
/// </summary>
internal static class SessionSettings
{
    /// <summary>
    /// How long a DbSafety transaction that blocks other sessions can be idle before the server ends its session and releases its locks: a tool that is
    /// suspended, or whose machine sleeps, must not hold them forever. It is longer than any pause between two of its statements.
    /// </summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    /// <summary>For every session. Settings that a version does not have are skipped (idle_session_timeout: 14, transaction_timeout: 17).</summary>
    private static readonly (string Name, string Value)[] Always =
    [
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("idle_session_timeout", "0"), ("transaction_timeout", "0"),
        ("default_transaction_read_only", "off"), ("default_transaction_isolation", "read committed"), ("default_transaction_deferrable", "off"),
    ];

    private static readonly (string Name, string Value)[] OwnOnly =
    [
        // pg_catalog comes first by itself, so that nothing hides its functions and operators.
        ("search_path", "public"),
        // Row-level security would hide rows from a count: an error is better than a wrong number.
        ("row_security", "off"),
        ("client_min_messages", "notice"), ("DateStyle", "ISO, MDY"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"), ("extra_float_digits", "3"),
        ("standard_conforming_strings", "on"), ("quote_all_identifiers", "off"), ("transform_null_equals", "off"), ("xmloption", "content"),
        // JIT compilation of a catalog query can take seconds, while it runs in milliseconds.
        ("jit", "off"),
    ];

    private static readonly (string Name, string Value)[] ForTools =
    [
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("default_transaction_read_only", "off"), ("row_security", "off"),
    ];

    /// <summary>
    /// Changes only what differs. A server that is read-only by its configuration stays read-only. synchronous_commit becomes <c>on</c> only
    /// where it is <c>off</c>: every other value waits for the disk too.
    /// </summary>
    private static string Sql(string condition, IEnumerable<(string Name, string Value)> settings) => $"""
        SELECT pg_catalog.set_config(s.name, w.value, false)
        FROM (VALUES {string.Join(", ", settings.Select(s => $"({SqlName.Literal(s.Name)}, {SqlName.Literal(s.Value)})"))}, ('synchronous_commit', 'on')) AS w (name, value)
        JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) w.name
        WHERE {condition} AND s.setting OPERATOR(pg_catalog.<>) w.value
          AND (s.name OPERATOR(pg_catalog.<>) 'default_transaction_read_only' OR (s.source OPERATOR(pg_catalog.<>) 'configuration file' AND s.source OPERATOR(pg_catalog.<>) 'command line'))
          AND (s.name OPERATOR(pg_catalog.<>) 'synchronous_commit' OR s.setting OPERATOR(pg_catalog.=) 'off')
        """;

    /// <summary>ALTER ROLE … SET role: the login role is used if it inherits all privileges of the other role.</summary>
    private static string LoginRole(string condition) => $"""
        SELECT pg_catalog.set_config('role', 'none', false)
        WHERE {condition} AND current_user OPERATOR(pg_catalog.<>) session_user AND pg_catalog.pg_has_role(session_user, current_user, 'USAGE')
        """;

    /// <summary>
    /// Through a pooler, the process id of the connection differs from the server's: then nothing is set, unless the server session is known to be this
    /// connection's own. The server compares the two in the statement that sets the values, without another round trip.
    /// </summary>
    /// <param name="work">The application name. It is not in the startup message, from which a pooler would pass it on to server sessions.</param>
    /// <param name="behindPooler">Whether a pooler with exclusive sessions is used.</param>
    /// <returns>Whether the settings were applied.</returns>
    public static async Task<bool> ApplyAsync(NpgsqlConnection connection, DatabaseTarget target, SessionUse use, string work, bool behindPooler, CancellationToken ct)
    {
        var condition = behindPooler ? "true" : $"pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {SqlName.Literal(connection.ProcessID.ToString(CultureInfo.InvariantCulture))}::pg_catalog.int4";
        List<string> statements =
        [
            $"SELECT pg_catalog.set_config('statement_timeout', '0', false) WHERE {condition}",
            Sql(condition, use == SessionUse.Scripts ? Always : [.. Always, .. OwnOnly]),
            $"SELECT pg_catalog.set_config('application_name', {SqlName.Literal(work)}, false) WHERE {condition}",
        ];
        // A role in the connection's options takes precedence.
        if (use == SessionUse.Own && target.Options?.Contains("role", StringComparison.Ordinal) != true)
            statements.Add(LoginRole(condition));
        await using var command = new NpgsqlCommand(string.Join("; ", statements), connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var isSet = await reader.ReadAsync(ct);
        while (await reader.NextResultAsync(ct))
        {
            // An error of a later statement is raised here.
        }

        return isSet;
    }

    /// <summary>
    /// The same for PostgreSQL programs, as <c>PGOPTIONS</c>, after the target's own options. Only settings that every supported
    /// version has: a server rejects a connection with an unknown setting.
    /// </summary>
    public static string ToolOptions(string? options, IEnumerable<(string Name, string Value)> more) =>
        string.Join(' ', ForTools.Concat(more).Select(s => $"-c {s.Name}={s.Value}").Prepend(options).Where(o => !string.IsNullOrEmpty(o)));
}
