using System.Security.Cryptography;

namespace DbSafety.Scratch;

/// <summary>How a throwaway server that runs what others wrote is kept from everything else.</summary>
internal sealed record ScratchIsolation
{
    public const string DefaultSuperuser = "postgres";

    /// <summary>The name of the only role that is a superuser whatever production says of the role of that name.</summary>
    public string Superuser { get; init; } = DefaultSuperuser;

    /// <summary>Folders of other servers' sockets, to hide even if nobody is seen to listen there.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>A superuser that no role of production is the namesake of.</summary>
    public static string RandomSuperuser() => "dbsafety_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
