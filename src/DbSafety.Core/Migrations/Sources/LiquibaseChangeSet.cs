namespace DbSafety.Migrations.Sources;

/// <summary>The identity of a change set in Liquibase (liquibase-core, ChangeSet.java).</summary>
/// <param name="Path">Of its file, relative to the folder of the migrations, or its <c>logicalFilePath</c>.</param>
internal sealed record LiquibaseChangeSet(string Path, bool IsLogical, string Id, string Author)
{
    public string Name => $"{Path}::{Id}::{Author}";

    /// <summary>The change set that a row of the migration history names, if it is among these files.</summary>
    public static IEnumerable<MigrationFile> Named(string key, IReadOnlyList<MigrationFile> files)
    {
        var named = files.Where(f => f.ChangeSet is { } own && own.Is(key, f.Path)).ToList();
        return named.Count > 1 ? named.Where(f => f.Name == key) : named;
    }

    /// <summary>A row has the path from a folder in which Liquibase looks for changelogs, whichever that is: the end of the file's full path.</summary>
    private bool Is(string key, string file)
    {
        var end = $"::{Id}::{Author}";
        if (!key.EndsWith(end, StringComparison.Ordinal))
            return false;
        var path = Plain(key[..^end.Length]);
        return IsLogical ? path == Plain(Path) : $"/{Plain(file)}".EndsWith("/" + path, StringComparison.Ordinal);
    }

    private static string Plain(string path)
    {
        path = path.Replace('\\', '/');
        foreach (var prefix in new[] { "classpath:", "file:" })
            path = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
        return (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path).TrimStart('/');
    }
}
