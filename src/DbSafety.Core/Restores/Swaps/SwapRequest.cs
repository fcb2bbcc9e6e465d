using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>Which databases of a server to swap: <paramref name="Current"/> becomes <paramref name="Kept"/>, <paramref name="Next"/> becomes <paramref name="Current"/>.</summary>
internal sealed record SwapRequest(DatabaseTarget Server, string Current, string Next, string Kept)
{
    /// <summary>Decides under the lock of the swap whether it continues; null: always.</summary>
    public ISwapCondition? Condition { get; init; }

    /// <summary>The OID that <see cref="Next"/> was chosen by; null: only its name counts.</summary>
    public uint? NextOid { get; init; }

    /// <summary>How long the server may take to accept a new connection after one was lost at COMMIT.</summary>
    public TimeSpan ReconnectFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What else commits or rolls back with the renames: called after both, in their transaction.</summary>
    public Func<NpgsqlConnection, CancellationToken, Task>? BeforeCommit { get; init; }
}
