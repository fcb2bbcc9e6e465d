namespace DbSafety.Databases.Connections;

/// <summary>The security settings of the connection in libpq's terms, in addition to <c>sslmode</c> and <c>sslrootcert</c>. Null: libpq's default.</summary>
internal sealed record WireSecurity
{
    public static WireSecurity Default { get; } = new();

    /// <summary>A PEM file with the client certificate, and a PEM file with its key.</summary>
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

    /// <summary>Prisma's <c>sslaccept</c>, if the URL has it: other clients do not support it.</summary>
    public string? PrismaAccept { get; init; }
}
