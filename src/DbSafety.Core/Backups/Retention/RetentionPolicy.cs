namespace DbSafety.Backups.Retention;

/// <summary>
/// Which sets of one server, environment and database to keep. Every rule keeps sets independently; a set that no rule keeps is removed. Hours, days,
/// months and years are UTC's and weeks ISO 8601's (Monday to Sunday); of each period the newest set is kept, and periods without one do not count.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>The newest so many; 0: this rule keeps none. So for the others.</summary>
    public int KeepLast { get; init; }

    /// <summary>The newest of each of the last so many hours.</summary>
    public int KeepHourly { get; init; }

    public int KeepDaily { get; init; }

    public int KeepWeekly { get; init; }

    public int KeepMonthly { get; init; }

    public int KeepYearly { get; init; }

    /// <summary>Sets with one of these labels are never removed. Upper and lower case are equal. Not a rule by itself: it does not select what to remove.</summary>
    public IReadOnlyList<string> KeepLabels { get; init; } = [];

    /// <summary>Only sets that are older than this can be removed; null: age does not matter.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>
    /// The bytes of all sets together: the oldest are removed, even if a rule keeps them, until the others have no more. Without any other rule all sets are
    /// kept up to this size. Null: no limit.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>Nothing was specified that selects sets.</summary>
    public bool IsEmpty => KeepsAll && MaxBytes is null;

    /// <summary>No rule but the size limit selects sets.</summary>
    internal bool KeepsAll => Counts.All(c => c == 0) && OlderThan is null;

    internal bool IsValid => Counts.All(c => c >= 0) && !(OlderThan < TimeSpan.Zero) && !(MaxBytes < 0);

    private int[] Counts => [KeepLast, KeepHourly, KeepDaily, KeepWeekly, KeepMonthly, KeepYearly];
}
