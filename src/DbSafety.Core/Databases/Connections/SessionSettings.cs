using System.Globalization;
using DbSafety.Analysis.Syntax;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>Whose statements a session runs; decides which settings of the role and of the database apply to it.</summary>
internal enum SessionUse
{
    /// <summary>DbSafety's own: what they mean and return must not depend on settings of the role or the database.</summary>
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
    /// How long a transaction of ours that keeps others out may be idle before the server ends its session, and so gives its locks back: a tool that is
    /// stopped, or whose machine sleeps, must not hold them for ever. Longer than anything that is done between two of its statements.
    /// </summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    /// <summary>For every session. Unknown settings of other versions are passed over (idle_session_timeout: 14, transaction_timeout: 17).</summary>
    private static readonly (string Name, string Value)[] Always =
    [
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("idle_session_timeout", "0"), ("transaction_timeout", "0"),
        ("default_transaction_read_only", "off"), ("default_transaction_isolation", "read committed"), ("default_transaction_deferrable", "off"),
    ];

    private static readonly (string Name, string Value)[] OwnOnly =
    [
        // pg_catalog comes first by itself, so that nothing hides its functions and operators.
        ("search_path", "public"),
        // Row security would hide rows from a count: an error is better than a wrong number.
        ("row_security", "off"),
        ("client_min_messages", "notice"), ("DateStyle", "ISO, MDY"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"), ("extra_float_digits", "3"),
        ("standard_conforming_strings", "on"), ("quote_all_identifiers", "off"), ("transform_null_equals", "off"), ("xmloption", "content"),
        // Compiling a query of the catalogs can take seconds, and running it takes milliseconds.
        ("jit", "off"),
    ];

    private static readonly (string Name, string Value)[] ForTools =
    [
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("default_transaction_read_only", "off"), ("row_security", "off"),
    ];

    /// <summary>
    /// Changes only what differs. A server that is read-only as a whole, by its configuration, stays so. synchronous_commit becomes <c>on</c> only
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

    /// <summary>ALTER ROLE … SET role: the role that logs in is used where it has all rights of the other one without SET ROLE.</summary>
    private static string LoginRole(string condition) => $"""
        SELECT pg_catalog.set_config('role', 'none', false)
        WHERE {condition} AND current_user OPERATOR(pg_catalog.<>) session_user AND pg_catalog.pg_has_role(session_user, current_user, 'USAGE')
        """;

    /// <summary>
    /// Behind a pooler, the process id that the connection was told is not the server's: then nothing is set, unless the server session is known to be this
    /// connection's alone. The server compares the two in the statement that sets something, so that this costs no round trip.
    /// </summary>
    /// <param name="work">The application name. It is not in the startup message, from which a pooler would pass it on to server sessions.</param>
    /// <param name="behindPooler">Behind a pooler whose sessions are known to be exclusive.</param>
    /// <returns>Whether the settings are made.</returns>
    public static async Task<bool> ApplyAsync(NpgsqlConnection connection, DatabaseTarget target, SessionUse use, string work, bool behindPooler, CancellationToken ct)
    {
        var condition = behindPooler ? "true" : $"pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {SqlName.Literal(connection.ProcessID.ToString(CultureInfo.InvariantCulture))}::pg_catalog.int4";
        List<string> statements =
        [
            $"SELECT pg_catalog.set_config('statement_timeout', '0', false) WHERE {condition}",
            Sql(condition, use == SessionUse.Scripts ? Always : [.. Always, .. OwnOnly]),
            $"SELECT pg_catalog.set_config('application_name', {SqlName.Literal(work)}, false) WHERE {condition}",
        ];
        // A role that the user asks for by name in the connection's options is the one to use.
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
    /// The same for PostgreSQL's programs, as <c>PGOPTIONS</c>, with what the target's own options say in front. Only settings that every supported
    /// version knows: a server refuses a connection with an unknown one.
    /// </summary>
    public static string ToolOptions(string? options, IEnumerable<(string Name, string Value)> more) =>
        string.Join(' ', ForTools.Concat(more).Select(s => $"-c {s.Name}={s.Value}").Prepend(options).Where(o => !string.IsNullOrEmpty(o)));
}
