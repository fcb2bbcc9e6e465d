using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;

namespace DbSafety.Comparisons;

/// <summary>One of the two things to compare: a database, a backup, or a fingerprint.</summary>
public sealed record ComparisonSide
{
    private ComparisonSide()
    {
    }

    internal DatabaseTarget? Target { get; private init; }

    internal string? Path { get; private init; }

    internal PgFingerprint? Fingerprint { get; private init; }

    /// <summary>A live database, measured when it is compared.</summary>
    public static ComparisonSide Of(DatabaseTarget target) => new() { Target = target };

    /// <summary>A fingerprint that was taken earlier.</summary>
    public static ComparisonSide Of(PgFingerprint fingerprint) => new() { Fingerprint = fingerprint };

    /// <summary>Read again from its file: an object in a list can be only a name.</summary>
    public static ComparisonSide Of(PgBackup backup) => OfFile(backup.Path);

    /// <summary>A manifest, a payload beside its manifest, a dump of another tool, or a file that <c>dbsafety database measure --json</c> wrote.</summary>
    public static ComparisonSide OfFile(string path) => new() { Path = path };
}
