namespace DbSafety.Databases.Connections.Text;

/// <summary>The content of a URL or a connection string.</summary>
internal sealed record ConnectionText(ConnectionSettings Settings)
{
    /// <summary>Prisma's <c>?schema=</c>.</summary>
    public string? Schema { get; init; }

    /// <summary>Prisma's <c>?pgbouncer=true</c>.</summary>
    public bool IsPooler { get; init; }

    /// <summary>Prisma's <c>?sslaccept=</c>.</summary>
    public string? PrismaAccept { get; init; }

    /// <summary>A server setting in the form of libpq's <c>options</c>.</summary>
    public static string Option(string name, string value) =>
        $"-c {name}={value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal)}";
}
