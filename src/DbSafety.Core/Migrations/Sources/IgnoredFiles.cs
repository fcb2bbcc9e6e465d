using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>Files in a tool's folder that begin like migrations, but that the tool does not read.</summary>
internal static partial class IgnoredFiles
{
    private static readonly string[] Scripts = ["migration.sql", "up.sql"];

    /// <summary>Names of files, and of scripts in folders of their own.</summary>
    /// <param name="read">What the tool reads.</param>
    public static IReadOnlyList<string> Of(string folder, IEnumerable<MigrationFile> read)
    {
        var paths = read.Select(f => Path.GetFullPath(f.Path)).ToHashSet(StringComparer.Ordinal);
        bool IsRead(string name) => paths.Contains(Path.GetFullPath(Path.Combine(folder, name)));
        var files = Directory.EnumerateFiles(folder, "*", ProjectFolders.Readable).Select(f => Path.GetFileName(f)).Where(n => Script().IsMatch(n)).ToList();
        return
        [
            .. SqlFileName.ReadAll(files).Where(n => n.Role == SqlFileRole.Forward && !IsRead(n.Name) && !IsRead(Path.ChangeExtension(n.Name, null))).Select(n => n.Name).Order(StringComparer.Ordinal),
            .. Directory.EnumerateDirectories(folder, "*", ProjectFolders.Readable).Select(d => Path.GetFileName(d)).Where(d => char.IsAsciiDigit(d[0])).SelectMany(d => Scripts.Select(s => $"{d}/{s}"))
                .Where(s => File.Exists(Path.Combine(folder, s)) && !IsRead(s)).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>For a tool that skips them.</summary>
    public static IEnumerable<MigrationFile> Files(string folder, IEnumerable<MigrationFile> read, string tool) =>
        Of(folder, read).Select(n => new MigrationFile(n, Path.Combine(folder, n), n) { Bytes = File.ReadAllBytes(Path.Combine(folder, n)), IsLeftOut = true, NotRun = $"{tool} does not run it: {tool} does not read files with such a name. Move it out of the folder if it is not a migration." });

    /// <summary>golang-migrate runs files of any ending.</summary>
    [GeneratedRegex(@"^v?[0-9]+([._][0-9]+)*[A-Za-z]?[._\s-].*\.(sql|pgsql|psql|ddl|plsql)$|^[0-9]+_.*\.up\.[^.]+$", RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}
