using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// Where Sqitch has a project's plan and scripts for PostgreSQL: of <c>sqitch.conf</c>, the section of the engine's target, then that of the engine, then <c>[core]</c>
/// (https://sqitch.org/docs/manual/sqitch-configuration/).
/// </summary>
/// <param name="Registry">The schema with the history; null: the usual one.</param>
internal sealed partial record SqitchConfig(string TopFolder, string Plan, string Deploy, string Extension, string? Registry)
{
    /// <summary>Why the folder's scripts cannot be read as Sqitch reads them; null: they can.</summary>
    private string? Unreadable { get; init; }

    /// <summary>The configuration that counts for a folder: the nearest <c>sqitch.conf</c>'s; null: there is none.</summary>
    public static SqitchConfig? Of(string folder) => ProjectRoot.Above(folder, "sqitch.conf") is { } project ? In(project) : null;

    /// <summary>As the folder has its scripts, whether it is configured or not.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c> the configuration is for another folder or another database, or says something that is not read here.</exception>
    public static SqitchConfig For(string folder)
    {
        if (Of(folder) is not { } config)
            return new SqitchConfig(folder, Path.Combine(folder, "sqitch.plan"), Path.Combine(folder, "deploy"), "sql", null);
        var project = ProjectRoot.Above(folder, "sqitch.conf")!;
        if (config.Unreadable is { } why)
            throw ErrorCatalogue.ToolFileUnreadable.For(Path.Combine(project, "sqitch.conf"), "sqitch", why);
        return config.TopFolder == folder ? config
            : throw ErrorCatalogue.ToolFileUnreadable.For(Path.Combine(folder, "sqitch.plan"), "sqitch", $"sqitch.conf in {project} specifies {config.TopFolder} for PostgreSQL");
    }

    /// <summary>What is configured for the folder itself; null: no configuration, or one that is no reason to read the folder.</summary>
    public static SqitchConfig? In(string project)
    {
        var path = Path.Combine(project, "sqitch.conf");
        if (!File.Exists(path))
            return null;
        var (values, unreadable) = Read(path);
        if (values.GetValueOrDefault("core.engine") is { } engine && engine != "pg")
            unreadable ??= $"core.engine is {engine}, not pg";
        var target = values.GetValueOrDefault("engine.pg.target") ?? values.GetValueOrDefault("core.target");
        // A URI names the database; anything else, a section.
        var sections = new[] { target is null || target.Contains(':', StringComparison.Ordinal) ? null : $"target.{target}", "engine.pg", "core" }.Where(s => s is not null);
        string? Value(string name) => sections.Select(s => values.GetValueOrDefault($"{s}.{name}")).FirstOrDefault(v => v is not null);
        if (Value("reworked_dir") is not null || Value("reworked_deploy_dir") is not null)
            unreadable ??= "reworked_dir is not supported";
        string Full(string value) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(project, value)));
        var top = Full(Value("top_dir") ?? ".");
        return new SqitchConfig(top, Full(Value("plan_file") ?? Path.Combine(top, "sqitch.plan")), Full(Value("deploy_dir") ?? Path.Combine(top, "deploy")), Value("extension") ?? "sql", Value("registry")) { Unreadable = unreadable };
    }

    /// <summary>Values by section and name, as Git's configuration has them: names in lower case, the name of a subsection as it is written.</summary>
    private static (Dictionary<string, string> Values, string? Unreadable) Read(string path)
    {
        var (values, section, unreadable) = (new Dictionary<string, string>(StringComparer.Ordinal), "", (string?)null);
        foreach (var line in File.ReadLines(path).Select(l => l.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or ';')
                continue;
            if (Section().Match(line) is { Success: true } named)
            {
                section = named.Groups["sub"].Success ? $"{named.Groups["name"].Value.ToLowerInvariant()}.{named.Groups["sub"].Value}" : named.Groups["name"].Value.ToLowerInvariant();
            }
            else if (Pair().Match(line) is { Success: true } pair && section.Length > 0)
            {
                if (pair.Groups["value"].Value.EndsWith('\\'))
                    unreadable ??= $"the line {line} continues on the next line";
                values[$"{section}.{pair.Groups["name"].Value.ToLowerInvariant()}"] = Plain(pair.Groups["value"].Value);
            }
            else if (!Flag().IsMatch(line) || section.Length == 0)
            {
                unreadable ??= $"the line {line} is not in a known format";
            }
        }

        return (values, unreadable);
    }

    private static string Plain(string value) => Quoted().Match(value) is { Success: true } quoted ? quoted.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) : Remark().Replace(value, "").Trim();

    [GeneratedRegex(@"^\[\s*(?<name>[\w.-]+)(\s+""(?<sub>[^""]*)"")?\s*\]\s*([#;].*)?$")]
    private static partial Regex Section();

    [GeneratedRegex(@"^(?<name>[A-Za-z][\w-]*)\s*=\s*(?<value>.*)$")]
    private static partial Regex Pair();

    [GeneratedRegex(@"^[A-Za-z][\w-]*\s*([#;].*)?$")]
    private static partial Regex Flag();

    [GeneratedRegex(@"^""((?:[^""\\]|\\.)*)""\s*([#;].*)?$")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\s*[#;].*$")]
    private static partial Regex Remark();
}
