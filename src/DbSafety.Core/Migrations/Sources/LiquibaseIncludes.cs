using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The SQL files that Liquibase's changelogs include, in their order, also through changelogs that these include (https://docs.liquibase.com/change-types/include.html and
/// includeAll.html).
/// </summary>
internal static partial class LiquibaseIncludes
{
    private const int LevelsUp = 6;

    /// <returns>Full paths; empty: nothing is included.</returns>
    /// <exception cref="DbSafetyException"><c>DBS477</c> an included file is not found; <c>DBS474</c> an included changelog has change sets of its own.</exception>
    public static IReadOnlyList<string> Of(string folder)
    {
        var all = Directory.EnumerateFiles(folder).Where(IsChangelog).Order(StringComparer.Ordinal).ToList();
        var included = all.SelectMany(c => References(c).SelectMany(r => Find(c, folder, r) is { } found ? Files(found, r.IsFolder).Where(f => f != c) : [])).ToHashSet(StringComparer.Ordinal);
        var scripts = new List<string>();
        // One that another includes runs where that says so.
        foreach (var root in all.Where(c => !included.Contains(c)))
            Add(root, folder, scripts, [root]);
        return scripts;
    }

    private static void Add(string changelog, string root, List<string> scripts, HashSet<string> seen)
    {
        foreach (var reference in References(changelog))
        {
            var found = Find(changelog, root, reference) ?? throw ErrorCatalogue.ToolFileUnreadable.For(changelog, "Liquibase", $"it includes {reference.Path}, which is not found");
            foreach (var file in Files(found, reference.IsFolder).Where(seen.Add))
            {
                if (!IsChangelog(file))
                    scripts.Add(file);
                else if (ChangeSet().IsMatch(Text(file)))
                    throw ErrorCatalogue.ToolUnreadable.For(file, MigrationTools.Liquibase.Name, MigrationTools.Liquibase.Command);
                else
                    Add(file, root, scripts, seen);
            }
        }
    }

    private static IEnumerable<string> Files(string found, bool isFolder) =>
        isFolder ? ProjectFolders.FilesBelow(found, "*").Where(f => IsChangelog(f) || IsSql(f)).Order(StringComparer.Ordinal) : [found];

    private static List<(string Path, bool IsFolder)> References(string changelog)
    {
        var text = Text(changelog);
        var references = Reference().Matches(text).Select(m => (Path: m.Groups["path"].Value, IsFolder: m.Groups["all"].Success)).ToList();
        return references.Count == Include().Count(text) ? references : throw ErrorCatalogue.ToolFileUnreadable.For(changelog, "Liquibase", "it has an include whose file is not plain text beside it");
    }

    /// <summary>From the changelog's folder, from the one that was specified, or from one above it, which Liquibase's search path leads to.</summary>
    private static string? Find(string changelog, string root, (string Path, bool IsFolder) reference)
    {
        var path = Prefix().Replace(reference.Path, "").TrimStart('/');
        IEnumerable<string> from = [Path.GetDirectoryName(changelog)!, root];
        for (var (above, level) = (Directory.GetParent(root), 0); above is not null && level < LevelsUp; above = above.Parent, level++)
            from = [.. from, above.FullName, Path.Combine(above.FullName, "src", "main", "resources")];
        return from.Select(f => Path.GetFullPath(Path.Combine(f, path))).FirstOrDefault(p => reference.IsFolder ? Directory.Exists(p) : File.Exists(p));
    }

    private static bool IsChangelog(string path) => Path.GetExtension(path) is ".xml" or ".yaml" or ".yml" or ".json";

    private static bool IsSql(string path) => Path.GetExtension(path) == ".sql";

    private static string Text(string path) => Comment().Replace(File.ReadAllText(path), "");

    /// <summary>In XML, YAML and JSON.</summary>
    [GeneratedRegex(@"\binclude(?<all>All)?\b[^\w]+(?:(?:relativeToChangelogFile|context|contextFilter|labels|errorIfMissing|errorIfMissingOrEmpty|minDepth|maxDepth|endsWithFilter|logicalFilePath|ignore|author|id|created)\b[""']?\s*[:=]\s*(?:""[^""]*""|'[^']*'|[^\s,}/>]+)[\s,]*[""']?)*(?:file|path)[""']?\s*[:=]\s*[""']?(?<path>[^""'\s<>,}]+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"<include(?:All)?\s|(?<![\w./<])include(?:All)?[""']?\s*:")]
    private static partial Regex Include();

    [GeneratedRegex(@"<changeSet|changeSet""?\s*:")]
    private static partial Regex ChangeSet();

    [GeneratedRegex(@"<!--.*?-->|^[ \t]*#[^\n]*", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(classpath|file):/*")]
    private static partial Regex Prefix();
}
