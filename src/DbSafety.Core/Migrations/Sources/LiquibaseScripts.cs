using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>The change sets of formatted SQL as Liquibase reads them (liquibase-core, FormattedSqlChangeLogParser.java).</summary>
internal static partial class LiquibaseScripts
{
    /// <summary>In the order in which the changelog includes the files, else by name.</summary>
    public static IReadOnlyList<MigrationFile> Read(string folder)
    {
        var (changelogs, included) = LiquibaseIncludes.Of(folder);
        var paths = changelogs.Count > 0 || included.Count > 0 ? included : [.. ProjectFolders.FilesBelow(folder, "*.sql").Order(StringComparer.Ordinal)];
        var files = paths.Select(p => Path.GetRelativePath(folder, p).Replace('\\', '/')).Select(n => new MigrationFile(n, Path.Combine(folder, n), n) { Bytes = File.ReadAllBytes(Path.Combine(folder, n)) }).ToList();
        var properties = new LiquibaseProperties(LiquibaseConfig.Parameters(folder), changelogs.Select(File.ReadAllText).Concat(files.Select(f => f.Text)));
        return [.. files.SelectMany(f => ChangeSets(f, properties, included.Count > 0))];
    }

    /// <summary>A file of several change sets is several migrations: each is recorded by itself.</summary>
    private static IEnumerable<MigrationFile> ChangeSets(MigrationFile file, LiquibaseProperties properties, bool isIncluded)
    {
        var text = properties.Replace(file.Text);
        var header = Header().Match(text);
        var marks = ChangeSet().Matches(text);
        for (var i = 0; i < marks.Count; i++)
        {
            var (start, end) = (marks[i].Index, i + 1 < marks.Count ? marks[i + 1].Index : text.Length);
            var part = new StringBuilder(text.Length);
            for (var at = 0; at < end; at++)
                part.Append(at >= start || text[at] is '\n' or '\r' ? text[at] : ' ');
            var line = text[start..(text.IndexOf('\n', start) is var last and >= 0 ? last : end)];
            yield return ChangeSetOf(file, Key(file.Name, marks[i], line, header.Value), line, part.ToString());
        }

        if (marks.Count > 0)
            yield break;
        // Of a file in another form, all is one change set (liquibase-core, SqlChangeLogParser.java).
        var raw = new LiquibaseChangeSet(file.Name, IsLogical: false, "raw", "includeAll");
        yield return header.Success || !isIncluded ? file : ChangeSetOf(file, raw, "", text);
    }

    private static LiquibaseChangeSet Key(string file, Match mark, string line, string header)
    {
        // Quotes are a part of it, and a blank ends it.
        var logical = new[] { line, header }.Select(l => LogicalPath().Match(l)).FirstOrDefault(m => m.Success)?.Groups["value"].Value;
        return new LiquibaseChangeSet(logical ?? file, logical is not null, mark.Groups["id"].Value.Trim('"'), mark.Groups["author"].Value.Trim().Trim('"'));
    }

    private static MigrationFile ChangeSetOf(MigrationFile file, LiquibaseChangeSet key, string line, string text)
    {
        var end = Attribute(EndDelimiter(), line);
        return file with
        {
            Name = key.Name,
            ChangeSet = key,
            Bytes = Encoding.UTF8.GetBytes(text),
            WholeFile = file.Checksum,
            NotRun = NotRun(line),
            Rewrite = text => Statements(file.Path, text, end),
        };
    }

    /// <summary>As the server gets them; only when the change set is analysed, so that one that has been applied stops nothing.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    private static string Statements(string path, string text, string? end)
    {
        if (LiquibaseProperties.Unknown(text) is var (name, line))
            throw ErrorCatalogue.ToolFileUnreadable.For(path, "Liquibase", $"line {line}: {name} has no value in the changelogs (--property name:… value:…) or in liquibase.properties (parameter.…)");
        return LiquibaseDelimiter.Of(end) is { } delimiter ? delimiter.ToSemicolons(text) : throw ErrorCatalogue.ToolFileUnreadable.For(path, "Liquibase", $"the endDelimiter {end} is not plain text");
    }

    private static string? Attribute(Regex regex, string line) => regex.Match(line) is { Success: true } match ? match.Groups["value"].Value.Trim('"') : null;

    /// <summary>Why Liquibase skips the change set on PostgreSQL, from its first line; null: it does not skip it.</summary>
    private static string? NotRun(string line)
    {
        if (Ignored().IsMatch(line))
            return "Its change set has ignore:true, so Liquibase does not run it.";
        if (Attribute(Dbms(), line) is not { } list)
            return null;
        var databases = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(d => d.ToLowerInvariant()).ToList();
        var isRun = !databases.Contains("none") && !databases.Contains("!postgresql") && (databases.TrueForAll(d => d[0] == '!') || databases.Contains("postgresql") || databases.Contains("all"));
        return isRun ? null : $"Its change set is for {string.Join(", ", databases)}, so Liquibase does not run it on PostgreSQL.";
    }

    [GeneratedRegex(@"\A\s*--\s*liquibase\s+formatted\s+sql[^\n]*", RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex(@"^[ \t]*--[ \t]*changeset[ \t]+(?<author>""[^""\n]+""|[^:""\r\n]+):[ \t]*(?<id>""[^""\n]+""|[^\s""]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex ChangeSet();

    [GeneratedRegex(@"\blogicalFilePath:(?<value>\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex LogicalPath();

    [GeneratedRegex(@"\bendDelimiter:(?<value>""[^""]+""|\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex EndDelimiter();

    [GeneratedRegex(@"(?<=\s)ignore:""?true\b", RegexOptions.IgnoreCase)]
    private static partial Regex Ignored();

    [GeneratedRegex(@"(?<=\s)dbms:(?<value>""[^""]*""|\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex Dbms();
}
