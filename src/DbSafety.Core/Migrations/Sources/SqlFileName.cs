using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>What sort of file its name says it is.</summary>
internal enum SqlFileRole
{
    /// <summary>To be run, once.</summary>
    Forward,

    /// <summary>Takes another one back; never run.</summary>
    Undo,

    /// <summary>Flyway's <c>R__name.sql</c>, run whenever it has changed.</summary>
    Repeatable,
}

/// <summary>
/// The name of a SQL file: <c>001_x.sql</c>, <c>20240101120000-x.up.sql</c>, and Flyway's <c>V1.2__x.sql</c>, <c>U1.2__x.sql</c>,
/// <c>R__x.sql</c> (https://documentation.red-gate.com/fd/migrations-184127470.html).
/// </summary>
/// <param name="Version">Its number, part by part; empty where there is none.</param>
internal sealed partial record SqlFileName(string Name, SqlFileRole Role, IReadOnlyList<BigInteger> Version)
{
    public static SqlFileName Read(string name)
    {
        if (name.StartsWith("R__", StringComparison.Ordinal))
            return new SqlFileName(name, SqlFileRole.Repeatable, []);
        var match = FlywayVersion().Match(name) is { Success: true } flyway ? flyway : Number().Match(name);
        var version = match.Success ? match.Groups[1].Value.Split('.', '_').Select(BigInteger.Parse) : [];
        return new SqlFileName(name, UndoEnding().IsMatch(name) || FlywayUndo().IsMatch(name) ? SqlFileRole.Undo : SqlFileRole.Forward, [.. version]);
    }

    [GeneratedRegex(@"(^|[._-])(down|undo|rollback|revert|downgrade|backward|reverse|dn)\.sql$|\.d\.sql$|^\d[^.]*\.(down|undo|rollback|revert)[._]|^(down|undo|rollback)[._-]|^\d+[._-](down|undo)[._-]", RegexOptions.IgnoreCase)]
    private static partial Regex UndoEnding();

    [GeneratedRegex(@"^U\d+([._]\d+)*__")]
    private static partial Regex FlywayUndo();

    [GeneratedRegex(@"^V(\d+(?:[._]\d+)*)__")]
    public static partial Regex FlywayVersion();

    [GeneratedRegex(@"^(\d+(?:\.\d+)*)(?=\D)")]
    private static partial Regex Number();
}

/// <summary>By version, number by number (2 before 10, 1 before 1.1), then by name; files without one come last.</summary>
internal sealed class SqlFileOrder : IComparer<string>
{
    public static SqlFileOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (SqlFileName.Read(x ?? "").Version, SqlFileName.Read(y ?? "").Version);
        if (left.Count == 0 || right.Count == 0)
            return left.Count == right.Count ? string.CompareOrdinal(x, y) : left.Count == 0 ? 1 : -1;
        return Compare(left, right) is var difference and not 0 ? difference : string.CompareOrdinal(x, y);
    }

    /// <summary>Of two versions, number by number.</summary>
    public static int Compare(IReadOnlyList<BigInteger> left, IReadOnlyList<BigInteger> right)
    {
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            // V1 and V1.0 are one version to Flyway.
            var difference = (i < left.Count ? left[i] : 0).CompareTo(i < right.Count ? right[i] : 0);
            if (difference != 0)
                return difference;
        }

        return 0;
    }
}
