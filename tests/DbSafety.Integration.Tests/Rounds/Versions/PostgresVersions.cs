using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>PostgreSQL of several major versions: Debian's, and those that <c>tests/postgres-versions.sh</c> provides.</summary>
internal static class PostgresVersions
{
    private const int FromNpm = 12;

    internal static string Cache => Environment.GetEnvironmentVariable("DBSAFETY_CACHE") is { Length: > 0 } folder ? folder : "/var/cache/dbsafety-tests";

    /// <summary>Why that version cannot be tested; null where it can.</summary>
    public static string? Missing(int major)
    {
        if (major == FromNpm)
            return null;
        var programs = Programs(major);
        if (programs is null)
            return $"PostgreSQL {major} is not on this machine: run tests/postgres-versions.sh as root";
        // pg_dump of the version has to be found by the operations.
        var chosen = (Environment.GetEnvironmentVariable("DBSAFETY_PG_BIN") ?? "").Split(Path.PathSeparator);
        return chosen.Contains(programs) || programs.StartsWith("/usr/lib", StringComparison.Ordinal) && chosen is [""]
            ? null
            : $"{programs} is not in DBSAFETY_PG_BIN: tests/run.sh --long sets it";
    }

    public static Task<ScratchServer> StartAsync(int major, string[] settings) => major == FromNpm
        ? NewerServer.StartAsync(major, settings)
        : ScratchServer.StartFromAsync(new PgTool(Path.Combine(Programs(major)!, "initdb"), major, $"{major}"), new RecordedEvents(), CancellationToken.None, settings);

    internal static string? Programs(int major) =>
        new[] { $"/usr/lib/postgresql/{major}/bin", Path.Combine(Cache, $"{major}", "usr", "lib", "postgresql", $"{major}", "bin") }.FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")));
}
