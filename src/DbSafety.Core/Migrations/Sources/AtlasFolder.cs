using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// Atlas writes its checksums (<c>atlas.sum</c>) beside files of other tools' formats, too: of those, another tool's rules say what migrates and what undoes
/// (https://atlasgo.io/concepts/migration-directory).
/// </summary>
internal static partial class AtlasFolder
{
    /// <summary>The files are in the format of another tool.</summary>
    public static bool IsOfOtherFormat(string folder, Func<string, string> head) =>
        Directory.EnumerateFiles(folder, "*.sql", ProjectFolders.Readable).Any(f => OtherName().IsMatch(Path.GetFileName(f)) || OtherMark().IsMatch(head(f)));

    public static bool HasSum(string folder) => File.Exists(Path.Combine(folder, "atlas.sum"));

    [GeneratedRegex(@"\.(up|down)\.sql$|^[VU][0-9]+([._][0-9]+)*__|^R__")]
    private static partial Regex OtherName();

    [GeneratedRegex(@"^[ \t\uFEFF]*--[ \t]*(migrate:(up|down)|\+goose[ \t]+(up|down)|liquibase[ \t]+formatted[ \t]+sql)\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex OtherMark();
}
