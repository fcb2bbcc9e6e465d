using System.Globalization;
using DbSafety.Databases.Connections;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>How hard to try for locks, and how long one statement may take.</summary>
/// <param name="StatementTimeout">Null: as the server has it.</param>
internal sealed record ApplySettings(TimeSpan LockTimeout, int LockRetries, TimeSpan LockBackoff, TimeSpan? StatementTimeout = null)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long to ask a server how a transaction ended whose connection was lost.</summary>
    public TimeSpan OutcomeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a transaction of a script may be idle before the server ends its session and rolls back.</summary>
    public TimeSpan IdleLimit { get; init; } = Databases.Connections.SessionSettings.IdleLimit;

    /// <summary>Doubled each time, with a share of chance, so that two who wait for each other do not meet again.</summary>
    public TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks((long)(Math.Min(LongestPause.Ticks, LockBackoff.Ticks * Math.Pow(2, attempt)) * (0.5 + Random.Shared.NextDouble() / 2)));

    /// <summary>The settings of a session; inside of a transaction they end with it.</summary>
    /// <param name="local">Only for the transaction that is open.</param>
    /// <param name="waits">Whether locks are given up in time.</param>
    public string Sql(bool local, bool waits = true)
    {
        var set = local ? "SET LOCAL" : "SET";
        return $"{set} lock_timeout = '{(waits ? Milliseconds(LockTimeout) : "0")}'; {HoldIdleSql(local)}" + (StatementTimeout is { } limit ? $"; {set} statement_timeout = '{Milliseconds(limit)}'" : "");
    }

    /// <summary>Puts back what a script has set: the limit of an idle transaction.</summary>
    public string HoldIdleSql(bool local) => $"{(local ? "SET LOCAL" : "SET")} idle_in_transaction_session_timeout = '{Milliseconds(IdleLimit)}'";

    /// <summary>Puts lock_timeout back where a script has lifted or raised it, and returns a row then; a shorter one of its own stays. It takes a snapshot.</summary>
    public string HoldLocksSql(bool local) =>
        $"SELECT pg_catalog.set_config('lock_timeout', '{Milliseconds(LockTimeout)}', {(local ? "true" : "false")}) WHERE {(LockTimeout > TimeSpan.Zero ? "true" : "false")} "
        + $"AND pg_catalog.current_setting('lock_timeout')::pg_catalog.interval NOT BETWEEN '1 ms'::pg_catalog.interval AND '{Milliseconds(LockTimeout)}'::pg_catalog.interval";

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms";
}
