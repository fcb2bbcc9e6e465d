using System.Globalization;
using DbSafety.Databases.Connections;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The lock timeout and retries, and the statement timeout.</summary>
/// <param name="StatementTimeout">Null: the server's setting.</param>
internal sealed record ApplySettings(TimeSpan LockTimeout, int LockRetries, TimeSpan LockBackoff, TimeSpan? StatementTimeout = null)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long to query a server for the outcome of a transaction whose connection was lost.</summary>
    public TimeSpan OutcomeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a transaction of a script may be idle before the server terminates its session and rolls back.</summary>
    public TimeSpan IdleLimit { get; init; } = Databases.Connections.SessionSettings.IdleLimit;

    /// <summary>Doubled after each attempt, with random jitter, so that two sessions that wait for each other do not collide again.</summary>
    public TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks((long)(Math.Min(LongestPause.Ticks, LockBackoff.Ticks * Math.Pow(2, attempt)) * (0.5 + Random.Shared.NextDouble() / 2)));

    /// <summary>The settings of a session; SET LOCAL settings end with the transaction.</summary>
    /// <param name="local">Only for the transaction that is open.</param>
    /// <param name="waits">Whether lock_timeout applies.</param>
    public string Sql(bool local, bool waits = true)
    {
        var set = local ? "SET LOCAL" : "SET";
        return $"{set} lock_timeout = '{(waits ? Milliseconds(LockTimeout) : "0")}'; {HoldIdleSql(local)}" + (StatementTimeout is { } limit ? $"; {set} statement_timeout = '{Milliseconds(limit)}'" : "");
    }

    /// <summary>Resets idle_in_transaction_session_timeout, which a script may have changed.</summary>
    public string HoldIdleSql(bool local) => $"{(local ? "SET LOCAL" : "SET")} idle_in_transaction_session_timeout = '{Milliseconds(IdleLimit)}'";

    /// <summary>Resets lock_timeout if a script has disabled or raised it, and then returns a row; a shorter lock_timeout of the script remains. It takes a snapshot.</summary>
    public string HoldLocksSql(bool local) =>
        $"SELECT pg_catalog.set_config('lock_timeout', '{Milliseconds(LockTimeout)}', {(local ? "true" : "false")}) WHERE {(LockTimeout > TimeSpan.Zero ? "true" : "false")} "
        + $"AND pg_catalog.current_setting('lock_timeout')::pg_catalog.interval NOT BETWEEN '1 ms'::pg_catalog.interval AND '{Milliseconds(LockTimeout)}'::pg_catalog.interval";

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms";
}
