using DbSafety.Databases;

namespace DbSafety.Restores;

/// <summary>Which databases of a server to swap: <paramref name="Current"/> becomes <paramref name="Kept"/>, <paramref name="Next"/> becomes <paramref name="Current"/>.</summary>
internal sealed record SwapRequest(DatabaseTarget Server, string Current, string Next, string Kept)
{
    /// <summary>Decides under the lock of the swap whether it goes on; null: it does.</summary>
    public ISwapCondition? Condition { get; init; }
}
