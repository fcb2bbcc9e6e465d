using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>The ways in which a row of a migration history can name a file: by its name, its version, its description or its contents.</summary>
internal static partial class FileKeys
{
    public static IReadOnlySet<string> Of(MigrationFile file)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal) { file.Name, file.RelativePath, "/" + file.Name };
        var name = file.Name[(file.Name.LastIndexOf('/') + 1)..];
        var stem = Ending().Replace(name, "");
        keys.UnionWith([name, stem, stem + ".sql", "/" + stem, Path.GetFileNameWithoutExtension(name)]);
        if (file.Checksum is { } checksum)
            keys.Add(checksum);
        // The version of Flyway's baseline scripts is the one of a script that they stand for.
        if (file.IsBaseline && !char.IsAsciiDigit(name[0]))
            return keys;
        if (Version(file) is { } version)
            keys.Add(Normal(version));
        // Diesel leaves out the hyphens of 2024-01-01-120000_name, and takes all up to the first underscore.
        if (stem.IndexOf('_', StringComparison.Ordinal) is var end and > 0 && stem[..end].Replace("-", "", StringComparison.Ordinal) is var plain && plain.All(char.IsAsciiDigit))
            keys.Add(Normal(plain));
        return keys;
    }

    /// <summary>A row can contain the name of another file of the same migration, such as a program.</summary>
    public static IReadOnlyList<string> OfRow(string key) => Ending().Replace(key, "") is var stem ? [key, stem, Normal(stem)] : [key];

    /// <summary>The version in its name; null: there is none.</summary>
    public static string? Version(MigrationFile file) => file.Version ?? Version(file.Name[(file.Name.LastIndexOf('/') + 1)..]);

    /// <summary>The digits at the beginning of its name, as they are written.</summary>
    public static string Digits(MigrationFile file) => string.Concat(file.Name[(file.Name.LastIndexOf('/') + 1)..].TakeWhile(char.IsAsciiDigit));

    private static string? Version(string name) => Flyway().Match(name) is { Success: true } flyway ? flyway.Groups[1].Value : Number().Match(name) is { Success: true } match ? match.Value : null;

    /// <summary>Whether a file has exactly this version.</summary>
    public static bool IsVersion(MigrationFile file, string key) => Version(file) is { } version && Normal(version) == Normal(key);

    /// <summary>Versions without leading zeros, and without trailing parts of zero; anything else as it is.</summary>
    public static string Normal(string key)
    {
        if (!Parts().IsMatch(key))
            return key;
        var parts = key.Split('.', '_').Select(p => p.TrimStart('0') is { Length: > 0 } digits ? digits : "0").ToList();
        while (parts.Count > 1 && parts[^1] == "0")
            parts.RemoveAt(parts.Count - 1);
        return "#" + string.Join('.', parts);
    }

    [GeneratedRegex(@"([._-]up)?\.(sql|[cm]?[jt]s)$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();

    [GeneratedRegex(@"^V(\d+(?:[._]\d+)*)__")]
    private static partial Regex Flyway();

    [GeneratedRegex(@"^(?>\d+(\.\d+)*)(?!-\d\d-\d\d)")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d+([._]\d+)*$")]
    private static partial Regex Parts();
}
