namespace DbSafety.Databases.Connections.Text;

/// <summary>What a URL or a connection string states.</summary>
internal sealed record ConnectionText(ConnectionSettings Settings)
{
    /// <summary>Prisma's <c>?schema=</c>.</summary>
    public string? Schema { get; init; }

    /// <summary>Prisma's <c>?pgbouncer=true</c>.</summary>
    public bool IsPooler { get; init; }

    /// <summary>Prisma's <c>?sslaccept=</c>.</summary>
    public string? PrismaAccept { get; init; }

    /// <summary>A setting of the server, as libpq's <c>options</c> has it.</summary>
    public static string Option(string name, string value) =>
        $"-c {name}={value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal)}";
}
