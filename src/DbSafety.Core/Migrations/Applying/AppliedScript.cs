namespace DbSafety.Migrations.Applying;

/// <summary>The result of one migration.</summary>
/// <param name="Held">From the first statement that could take a lock to the commit.</param>
internal sealed record AppliedScript(string Name, TimeSpan Held, bool OneTransaction, int Retries)
{
    public IReadOnlyList<TableChange> Changes { get; init; } = [];

    /// <summary>Tables whose rows it updated, although none of its statements shows it.</summary>
    public IReadOnlyList<TableChange> HiddenUpdates { get; init; } = [];

    /// <summary>Tables that it rewrote, although none of its statements shows it, and whose values could not be compared.</summary>
    public IReadOnlyList<string> HiddenRewrites { get; init; } = [];

    /// <summary>Large objects that it removed.</summary>
    public long LargeObjects { get; init; }

    /// <summary>Tables and columns that were dropped or emptied, as allowed.</summary>
    public IReadOnlyList<UnexpectedLoss> AllowedLosses { get; init; } = [];

    /// <summary>Losses that were not allowed; only a rehearsal commits in spite of them.</summary>
    public IReadOnlyList<UnexpectedLoss> Losses { get; init; } = [];

    /// <summary>The strongest locks it held, such as <c>AccessExclusiveLock on categories</c>.</summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    /// <summary>Why it was not one transaction.</summary>
    public string? OwnWay { get; init; }

    public string Evidence =>
        $"{Name}: {Held.TotalMilliseconds:N0} ms{(OwnWay is null ? "" : $", statement by statement, because {OwnWay}")}"
        + (Retries > 0 ? $", after {Retries} retries for a lock" : "")
        + (Locks.Count > 0 ? $", {string.Join(", ", Locks)}" : "");
}
