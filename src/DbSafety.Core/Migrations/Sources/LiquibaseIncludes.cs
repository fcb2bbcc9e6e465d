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

    /// <returns>Full paths of the changelogs that were followed, and of the scripts; empty: nothing is included.</returns>
    /// <exception cref="DbSafetyException"><c>DBS477</c> an included file is not found; <c>DBS474</c> an included changelog has change sets of its own.</exception>
    public static (IReadOnlyList<string> Changelogs, IReadOnlyList<string> Scripts) Of(string folder)
    {
        if (LiquibaseConfig.ChangeLog(folder) is { } configured)
        {
            if (!IsChangelog(configured))
                return ([], [configured]);
            return Follow([configured], folder);
        }

        var all = Directory.EnumerateFiles(folder).Where(IsChangelog).Order(StringComparer.Ordinal).ToList();
        var included = all.SelectMany(c => References(c).SelectMany(r => Find(c, folder, r) is { } found ? Files(found, r.IsFolder).Where(f => f != c) : [])).ToHashSet(StringComparer.Ordinal);
        // One that another includes runs where that says so.
        var (changelogs, scripts) = Follow([.. all.Where(c => !included.Contains(c))], folder);
        return scripts.Count == 0 ? ([], []) : (changelogs, scripts);
    }

    private static (IReadOnlyList<string> Changelogs, IReadOnlyList<string> Scripts) Follow(IReadOnlyList<string> roots, string folder)
    {
        var (scripts, changelogs) = (new List<string>(), new List<string>());
        foreach (var root in roots)
        {
            if (ChangeSet().IsMatch(Text(root)))
                throw ErrorCatalogue.ToolUnreadable.For(root, MigrationTools.Liquibase.Name, MigrationTools.Liquibase.Command);
            changelogs.Add(root);
            Add(root, folder, scripts, changelogs, [root]);
        }

        return (changelogs, scripts);
    }

    private static void Add(string changelog, string root, List<string> scripts, List<string> changelogs, HashSet<string> seen)
    {
        foreach (var reference in References(changelog))
        {
            if (Find(changelog, root, reference) is not { } found)
            {
                if (reference.IsOptional)
                    continue;
                throw ErrorCatalogue.ToolFileUnreadable.For(changelog, "Liquibase", $"it includes {reference.Path}, which is not found");
            }

            foreach (var file in Files(found, reference.IsFolder).Where(seen.Add))
            {
                if (!IsChangelog(file))
                {
                    scripts.Add(file);
                    continue;
                }

                if (ChangeSet().IsMatch(Text(file)))
                    throw ErrorCatalogue.ToolUnreadable.For(file, MigrationTools.Liquibase.Name, MigrationTools.Liquibase.Command);
                changelogs.Add(file);
                Add(file, root, scripts, changelogs, seen);
            }
        }
    }

    private static IEnumerable<string> Files(string found, bool isFolder) =>
        isFolder ? ProjectFolders.FilesBelow(found, "*").Where(f => IsChangelog(f) || IsSql(f)).Order(StringComparer.Ordinal) : [found];

    private static List<(string Path, bool IsFolder, bool IsOptional)> References(string changelog)
    {
        var text = Text(changelog);
        if (LogicalInclude().IsMatch(text))
            throw ErrorCatalogue.ToolFileUnreadable.For(changelog, "Liquibase", "it has an include with a logicalFilePath");
        var properties = new LiquibaseProperties(LiquibaseConfig.Parameters(Path.GetDirectoryName(changelog)!), [text]);
        var references = Reference().Matches(text).Select(m => (Path: properties.Replace(m.Groups["path"].Value), IsFolder: m.Groups["all"].Success, IsOptional: Optional().IsMatch(Element(text, m)))).ToList();
        return references.Count == Include().Count(text) ? references : throw ErrorCatalogue.ToolFileUnreadable.For(changelog, "Liquibase", "it has an include whose file name is not plain text");
    }

    /// <summary>The element or the item of a list that an include is, with what follows its path.</summary>
    private static string Element(string text, Match include) => text[include.Index..] is var rest && ElementEnd().Match(rest, include.Length) is { Success: true } end ? rest[..end.Index] : text[include.Index..];

    /// <summary>From the changelog's folder, from the one that was specified, or from one above it, which Liquibase's search path leads to.</summary>
    private static string? Find(string changelog, string root, (string Path, bool IsFolder, bool IsOptional) reference)
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
    [GeneratedRegex(@"\binclude(?<all>All)?\b[^\w]+(?:(?:relativeToChangelogFile|context|contextFilter|labels|errorIfMissing|errorIfMissingOrEmpty|minDepth|maxDepth|endsWithFilter|logicalFilePath|ignore|author|id|created)\b[""']?\s*[:=]\s*(?:""[^""]*""|'[^']*'|[^\s,}/>]+)[\s,]*[""']?)*(?:file|path)[""']?\s*[:=]\s*[""']?(?<path>(?:\$\{[^}""']+\}|[^""'\s<>,}])+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\binclude(?:All)?\b(?:(?!\binclude|\bchangeSet|<|\n\s*-\s).)*\blogicalFilePath\b", RegexOptions.Singleline)]
    private static partial Regex LogicalInclude();

    /// <summary>Liquibase skips it if it is not found.</summary>
    [GeneratedRegex(@"\berrorIfMissing(?:OrEmpty)?\b[""']?\s*[:=]\s*[""']?false\b", RegexOptions.IgnoreCase)]
    private static partial Regex Optional();

    [GeneratedRegex(@"/?>|\n\s*-\s|\}")]
    private static partial Regex ElementEnd();

    [GeneratedRegex(@"<include(?:All)?\s|(?<![\w./<])include(?:All)?[""']?\s*:")]
    private static partial Regex Include();

    [GeneratedRegex(@"<changeSet|changeSet""?\s*:")]
    private static partial Regex ChangeSet();

    [GeneratedRegex(@"<!--.*?-->|^[ \t]*#[^\n]*", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(classpath|file):/*")]
    private static partial Regex Prefix();
}
