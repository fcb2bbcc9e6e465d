namespace DbSafety.Migrations.Applying;

/// <summary>How one migration went.</summary>
/// <param name="Held">From the first statement that could take a lock to the commit.</param>
internal sealed record AppliedScript(string Name, TimeSpan Held, bool OneTransaction, int Retries)
{
    public IReadOnlyList<TableChange> Changes { get; init; } = [];

    /// <summary>Tables with rows that it updated, though no statement of it says so.</summary>
    public IReadOnlyList<TableChange> HiddenUpdates { get; init; } = [];

    /// <summary>Tables that it rewrote, though no statement of it says so, and whose values could not be compared.</summary>
    public IReadOnlyList<string> HiddenRewrites { get; init; } = [];

    /// <summary>Large objects that it removed.</summary>
    public long LargeObjects { get; init; }

    /// <summary>Tables and columns that are gone or emptied as it was allowed.</summary>
    public IReadOnlyList<UnexpectedLoss> AllowedLosses { get; init; } = [];

    /// <summary>Losses beyond what was allowed; only a rehearsal goes on to commit with some.</summary>
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
