using System.Security.Cryptography;

namespace DbSafety.Scratch;

/// <summary>How a temporary server that runs untrusted SQL is isolated.</summary>
internal sealed record ScratchIsolation
{
    public const string DefaultSuperuser = "postgres";

    /// <summary>The name of the only superuser, regardless of the attributes of the role of that name in production.</summary>
    public string Superuser { get; init; } = DefaultSuperuser;

    /// <summary>Socket folders of other servers, hidden even if no listener is found.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>A superuser whose name no role of production has.</summary>
    public static string RandomSuperuser() => "dbsafety_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
