using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>A folder of SQL files, run in the order of their numbers; where none has one, in that of their names.</summary>
internal static partial class SqlFolder
{
    public static MigrationFolder Open(string folder)
    {
        var names = Directory.EnumerateFiles(folder, "*.sql").Select(f => SqlFileName.Read(Path.GetFileName(f))).Where(n => n.Role != SqlFileRole.Undo).ToList();
        if (names.Count == 0)
            throw ErrorCatalogue.MigrationsNotFound.For(folder, "there is no *.sql in it");
        var anyNumbered = names.Any(n => n.Version.Count > 0);
        var files = names
            .Select(n => Read(folder, n.Name) with { IsUnlisted = n.Role == SqlFileRole.Repeatable || (anyNumbered && n.Version.Count == 0) })
            .OrderBy(f => f.Name, SqlFileOrder.Instance)
            .ToList();
        return new MigrationFolder(MigrationSource.Sql, folder, files, SqlFileOrder.Instance);
    }

    private static MigrationFile Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var bytes = File.ReadAllBytes(path);
        // Run as a whole, such a file would make its change and take it back at once.
        if (DownMarker().Match(Encoding.UTF8.GetString(bytes)) is { Success: true } marker)
            throw ErrorCatalogue.MigrationsUnsupported.For(path, $"it holds its own undoing ({marker.Value.Trim()})");
        return new MigrationFile(name, path, name) { Bytes = bytes };
    }

    [GeneratedRegex(@"^\s*--\s*(migrate:down|\+goose\s+down|\+migrate\s+down|rollback\b|@UNDO\b).*$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex DownMarker();
}
