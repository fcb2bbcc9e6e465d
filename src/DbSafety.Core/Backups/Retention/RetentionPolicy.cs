namespace DbSafety.Backups.Retention;

/// <summary>
/// Which sets of one server, environment and database to keep. Every rule keeps sets independently; a set that no rule keeps is removed. Days are
/// UTC's and weeks ISO 8601's (Monday to Sunday); of each period the newest set is kept, and periods without one do not count.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>The newest so many; 0: this rule keeps none. So for the others.</summary>
    public int KeepLast { get; init; }

    /// <summary>The newest of each of the last so many days.</summary>
    public int KeepDaily { get; init; }

    public int KeepWeekly { get; init; }

    public int KeepMonthly { get; init; }

    /// <summary>Only sets that are older than this can be removed; null: age does not matter.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Nothing was specified.</summary>
    public bool IsEmpty => KeepLast == 0 && KeepDaily == 0 && KeepWeekly == 0 && KeepMonthly == 0 && OlderThan is null;

    internal bool IsValid => KeepLast >= 0 && KeepDaily >= 0 && KeepWeekly >= 0 && KeepMonthly >= 0 && !(OlderThan < TimeSpan.Zero);
}
