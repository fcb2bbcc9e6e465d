namespace DbSafety.Migrations.Applying;

/// <summary>How hard to try for locks.</summary>
internal sealed record ApplySettings(TimeSpan LockTimeout, int LockRetries, TimeSpan LockBackoff)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Doubled each time, with a share of chance, so that two who wait for each other do not meet again.</summary>
    public TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks((long)(Math.Min(LongestPause.Ticks, LockBackoff.Ticks * Math.Pow(2, attempt)) * (0.5 + Random.Shared.NextDouble() / 2)));

    public string LockTimeoutSetting => ((long)LockTimeout.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture) + "ms";
}
