namespace DbSafety.Migrations.Sources;

/// <summary>One row of the migration history: one attempt at one migration.</summary>
internal sealed record HistoryEntry(string Id, string Name, string Checksum, DateTimeOffset? FinishedAt, DateTimeOffset? RolledBackAt, string? Log)
{
    /// <summary>The tool itself would not recognise it: its time in the journal was changed after it ran.</summary>
    public bool WouldRunAgain { get; init; }

    /// <summary>The tool records that it was applied, but not when.</summary>
    public bool IsAppliedAtSomeTime { get; init; }

    /// <summary>It was marked as applied: no statement of it was run.</summary>
    public bool IsMarked { get; init; }

    /// <summary>What the history does not show, such as that this migration itself ran; null: nothing.</summary>
    public string? Note { get; init; }

    public bool IsApplied => (FinishedAt is not null || IsAppliedAtSomeTime) && RolledBackAt is null;

    public bool IsFailed => !IsApplied && RolledBackAt is null;
}
