namespace DbSafety.Databases.Connections;

/// <summary>How safe the connection has to be, in libpq's words, beside <c>sslmode</c> and <c>sslrootcert</c>. Null: libpq's default.</summary>
internal sealed record WireSecurity
{
    public static WireSecurity Default { get; } = new();

    /// <summary>A PEM file with this side's certificate, and one with its key.</summary>
    public string? Certificate { get; init; }

    public string? Key { get; init; }

    /// <summary>disable, prefer, require.</summary>
    public string? ChannelBinding { get; init; }

    /// <summary>The methods of authentication that are accepted.</summary>
    public string? RequireAuth { get; init; }

    /// <summary>postgres, direct.</summary>
    public string? Negotiation { get; init; }

    /// <summary>disable, prefer, require.</summary>
    public string? GssEncryption { get; init; }

    public string? MinProtocol { get; init; }

    public string? MaxProtocol { get; init; }

    /// <summary>Prisma's <c>sslaccept</c>, where the URL had it: other clients do not know it.</summary>
    public string? PrismaAccept { get; init; }
}
