using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>What the name of a folder of SQL files indicates that they are, other than migrations.</summary>
internal static partial class FolderNames
{
    private static readonly HashSet<string> Neutral =
    [
        "db", "database", "databases", "sql", "script", "scripts", "file", "files", "migration", "migrations", "migrate", "schema", "d", "data", "dev", "development", "prod", "production", "staging", "local", "initial", "pg", "postgres", "postgresql",
    ];

    private static readonly HashSet<string> Undo =
        ["down", "downs", "dn", "undo", "undos", "rollback", "rollbacks", "revert", "reverts", "downgrade", "downgrades", "backward", "backwards", "uninstall", "unapply", "backout", "reverse", "rb"];

    /// <summary>Regardless of sibling folders.</summary>
    private static readonly HashSet<string> Data =
        ["seed", "seeds", "seeder", "seeders", "seeding", "fixture", "fixtures", "testdata", "sampledata", "demodata", "seeddata", "dump", "dumps", "backup", "backups", "bak"];

    /// <summary>Only next to a folder of migrations, because a project can have such a name.</summary>
    private static readonly HashSet<string> Beside =
    [
        "test", "tests", "testing", "spec", "specs", "sample", "samples", "demo", "demos", "example", "examples", "mock", "mocks", "dummy", "archive", "archives", "archived", "old", "legacy", "deprecated", "obsolete", "retired", "attic", "trash",
        "schema", "schemas", "snippets", "snippet", "verify", "draft", "drafts", "disabled", "wip", "tmp", "temp", "scratch", "sandbox", "skipped", "skip", "ignored", "done", "applied", "executed", "adhoc", "playground",
    ];

    /// <summary>A folder of one version has the purpose of its parent folder.</summary>
    public static bool IsForUndoing(string folder) =>
        Undoes(Path.GetFileName(folder)) || (VersionFolder().IsMatch(Path.GetFileName(folder)) && Path.GetDirectoryName(folder) is { } above && Undoes(Path.GetFileName(above)));

    public static bool Undoes(string name) => Are(Words(name), Undo);

    /// <summary>What a folder's name indicates that its files are, and the folder of migrations next to it, if there is one; null: they can be migrations.</summary>
    public static (string What, string? Migrations)? NoMigrations(string folder)
    {
        if (Path.GetFileName(folder) == "current" && Path.GetDirectoryName(folder) is { } all && Directory.Exists(Path.Combine(all, "committed")))
            return ("work in progress of graphile-migrate", Path.Combine(all, "committed"));
        var words = Words(Path.GetFileName(folder));
        var isOfMigrations = words.Exists(w => w.StartsWith("migrat", StringComparison.Ordinal));
        if (isOfMigrations)
            words.RemoveAll(w => w is "schema" or "schemas");
        var isData = Are(words, Data);
        if (!isData && !Are(words, [.. Data, .. Beside]))
            return null;
        var near = Near(folder);
        return isData && !isOfMigrations ? ("seeds, fixtures, dumps or backups", near)
            : near is not null ? ("something other than the migrations next to it", near)
            : null;
    }

    /// <summary>Only words of one kind, and words without meaning.</summary>
    private static bool Are(List<string> words, HashSet<string> kind) => words.Exists(kind.Contains) && words.TrueForAll(w => kind.Contains(w) || Neutral.Contains(w) || w.TrimStart('v').All(char.IsAsciiDigit));

    private static List<string> Words(string name) => [.. Separators().Split(Humps().Replace(name, "_").ToLowerInvariant()).Where(w => w.Length > 0)];

    /// <summary>A folder of migrations next to this folder, or its parent folder.</summary>
    private static string? Near(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } above || !Directory.Exists(above))
            return null;
        if (IsOfMigrations(above) && HasSql(above, 0))
            return above;
        return Directory.EnumerateDirectories(above, "*", ProjectFolders.Readable).Order(StringComparer.Ordinal)
            .FirstOrDefault(d => d != folder && IsOfMigrations(d) && IsNothingElse(d) && HasSql(d, 1));
    }

    private static bool IsOfMigrations(string folder) => Path.GetFileName(folder).Contains("migrat", StringComparison.OrdinalIgnoreCase);

    private static bool IsNothingElse(string folder) => Words(Path.GetFileName(folder)) is var words && !words.Exists(w => Undo.Contains(w) || Data.Contains(w) || (Beside.Contains(w) && !Neutral.Contains(w)));

    private static bool HasSql(string folder, int levels) =>
        ProjectFolders.Files(folder, "*.sql").Count > 0 || (levels > 0 && ProjectFolders.Subfolders(folder).Any(d => HasSql(d, levels - 1)));

    [GeneratedRegex(@"^(?:v|r|rel|release|version)?[ ._-]?[0-9]+([._-][0-9]+)*$", RegexOptions.IgnoreCase)]
    private static partial Regex VersionFolder();

    [GeneratedRegex(@"[\W_]+")]
    private static partial Regex Separators();

    /// <summary><c>RollbackScripts</c>.</summary>
    [GeneratedRegex(@"(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Humps();
}
