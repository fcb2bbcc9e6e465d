using System.Globalization;

namespace DbSafety.Migrations.Applying;

/// <summary>How hard to try for locks, and how long one statement may take.</summary>
/// <param name="StatementTimeout">Null: as the server has it.</param>
internal sealed record ApplySettings(TimeSpan LockTimeout, int LockRetries, TimeSpan LockBackoff, TimeSpan? StatementTimeout = null)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long to ask a server how a transaction ended whose connection was lost.</summary>
    public TimeSpan OutcomeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Doubled each time, with a share of chance, so that two who wait for each other do not meet again.</summary>
    public TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks((long)(Math.Min(LongestPause.Ticks, LockBackoff.Ticks * Math.Pow(2, attempt)) * (0.5 + Random.Shared.NextDouble() / 2)));

    /// <summary>The settings of a session; inside of a transaction they end with it.</summary>
    /// <param name="local">Only for the transaction that is open.</param>
    /// <param name="waits">Whether locks are given up in time.</param>
    public string Sql(bool local, bool waits = true)
    {
        var set = local ? "SET LOCAL" : "SET";
        return $"{set} lock_timeout = '{(waits ? Milliseconds(LockTimeout) : "0")}'" + (StatementTimeout is { } limit ? $"; {set} statement_timeout = '{Milliseconds(limit)}'" : "");
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms";
}
