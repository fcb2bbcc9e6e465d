using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Flyway;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>What Flyway finds in its locations (https://documentation.red-gate.com/fd/migrations-184127470.html; Flyway 13: flyway-core, SqlMigrationResolver, CompositeMigrationResolver).</summary>
internal static partial class FlywayScripts
{
    private static readonly string[] Languages = ["java", "kotlin"];

    private const string ConfigEnding = ".conf";

    private sealed record Script(string Location, string Path, FlywayName Name)
    {
        public string Relative => System.IO.Path.GetRelativePath(Location, Path).Replace('\\', '/');
    }

    /// <summary>
    /// Versioned and baseline scripts by their version, then repeatable ones by their description. Files that Flyway skips are marked as not run; undo scripts are not migrations.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS410</c> two are the same to Flyway; <c>DBS477</c>.</exception>
    public static IReadOnlyList<MigrationFile> Read(string folder)
    {
        var settings = FlywaySettings.Of(folder);
        var scripts = settings.Locations(folder).SelectMany(l => Find(l, settings)).ToList();
        Check(scripts, FlywayKind.Versioned, folder);
        Check(scripts, FlywayKind.Baseline, folder);
        Check(scripts, FlywayKind.Repeatable, folder);
        var target = settings.Target is { } limit ? Numbers(limit) ?? throw settings.Unreadable($"the target {limit} is not a version") : null;
        return
        [
            .. scripts.Where(s => s.Name.Kind is FlywayKind.Versioned or FlywayKind.Baseline)
                .Order(Comparer<Script>.Create((x, y) => SqlFileOrder.Compare(x.Name.Numbers, y.Name.Numbers) is var order and not 0 ? order : x.Name.Kind.CompareTo(y.Name.Kind)))
                .Select(s => File(s, settings))
                .Select((f, i) => target is not null && SqlFileOrder.Compare(Numbers(f.Version!)!, target) > 0 ? f with { NotRun = $"Flyway stops at version {settings.Target}, the target in {settings.File}." } : f),
            .. scripts.Where(s => s.Name.Kind == FlywayKind.Repeatable).OrderBy(s => s.Name.Description, StringComparer.Ordinal).Select(s => File(s, settings) with { IsRepeatable = true }),
            .. scripts.Where(s => s.Name.Kind == FlywayKind.Invalid).OrderBy(s => s.Relative, StringComparer.Ordinal)
                .Select(s => File(s, settings) with { NotRun = $"Flyway does not run it: its name is not {settings.VersionedPrefix}VERSION{settings.Separator}NAME{settings.Suffixes[0]} or {settings.RepeatablePrefix}{settings.Separator}NAME{settings.Suffixes[0]}." }),
        ];
    }

    /// <summary>The callbacks that <c>flyway migrate</c> runs, by their places.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public static IReadOnlyList<(int Place, MigrationFile File)> Callbacks(string folder)
    {
        var settings = FlywaySettings.Of(folder);
        return
        [
            .. settings.Locations(folder).Concat(settings.CallbackLocations()).SelectMany(l => Find(l, settings)).DistinctBy(s => s.Path)
                .Where(s => s.Name is { Kind: FlywayKind.Callback, Place: not null })
                .OrderBy(s => s.Name.Place).ThenBy(s => s.Name.Turn).ThenBy(s => s.Name.Description, StringComparer.Ordinal)
                .Select(s => (s.Name.Place!.Value, File(s, settings))).Where(c => c.Item2.NotRun is null),
        ];
    }

    /// <summary>A migration that is a program: a shell script in a location, or a class on the class path; null: there is none.</summary>
    public static string? ProgramIn(string folder)
    {
        var settings = FlywaySettings.Of(folder);
        if (settings.NamesLocations && settings.Locations(folder) is var locations)
            return locations.SelectMany(l => Programs(l.Folder)).FirstOrDefault();
        return Programs(folder).FirstOrDefault();
    }

    private static IEnumerable<string> Programs(string folder)
    {
        var sources = folder.Replace('\\', '/') is var path && path.IndexOf("/src/main/resources/", StringComparison.Ordinal) is var at and >= 0
            ? Languages.Select(l => $"{path[..at]}/src/main/{l}/{path[(at + "/src/main/resources/".Length)..]}") : [];
        return sources.Prepend(folder).Where(Directory.Exists).SelectMany(Files).Where(f => Program().IsMatch(Path.GetFileName(f))).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Files(string folder) => ProjectFolders.FilesBelow(folder, "*");

    private static IEnumerable<Script> Find(FlywayLocation location, FlywaySettings settings) =>
        Files(location.Folder).Where(f => location.Pattern?.IsMatch(f.Replace('\\', '/')) ?? true).Order(StringComparer.Ordinal)
            .Select(f => (File: f, Name: FlywayName.Read(Path.GetFileName(f), settings))).Where(f => f.Name is not null).Select(f => new Script(location.Folder, f.File, f.Name!));

    private static void Check(IEnumerable<Script> scripts, FlywayKind kind, string folder)
    {
        var twice = scripts.Where(s => s.Name.Kind == kind).GroupBy(s => kind == FlywayKind.Repeatable ? s.Name.Description : FileKeys.Normal(s.Name.Version)).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw ErrorCatalogue.MigrationsUnsupported.For(folder, $"{string.Join(" and ", twice.Select(s => s.Relative))} have the same {(kind == FlywayKind.Repeatable ? "description" : "version")}");
    }

    /// <summary>As the file is configured: by itself (<c>NAME.sql.conf</c>), else by the project.</summary>
    private static MigrationFile File(Script script, FlywaySettings settings)
    {
        var bytes = System.IO.File.ReadAllBytes(script.Path);
        var own = System.IO.File.Exists(script.Path + ConfigEnding) ? PropertiesFile.Read(System.IO.File.ReadAllText(script.Path + ConfigEnding), expand: false) : [];
        // The text is compared and analysed.
        if (settings.Encoding(own.GetValueOrDefault("encoding")) is var encoding && encoding.WebName != Encoding.UTF8.WebName)
            bytes = Encoding.UTF8.GetBytes(encoding.GetString(bytes));
        var replaces = own.TryGetValue("placeholderReplacement", out var choice) ? choice == "true" : settings.ReplacesPlaceholders;
        var runs = !own.TryGetValue("shouldExecute", out var condition) || FlywayCondition.Holds(FlywayPlaceholders.Replace(condition, script.Path + ConfigEnding, settings), script.Path + ConfigEnding);
        return new MigrationFile(script.Relative, script.Path, script.Relative)
        {
            Bytes = bytes,
            Version = script.Name.Numbers.Count > 0 ? script.Name.Version : null,
            IsBaseline = script.Name.Kind == FlywayKind.Baseline,
            ToolHash = script.Name.Kind == FlywayKind.Versioned && settings.ComparesChecksums ? FlywayChecksum.Of(bytes) : null,
            Rewrite = replaces ? text => FlywayPlaceholders.Replace(text, script.Path, settings) : null,
            NotRun = runs ? null : $"shouldExecute in {Path.GetFileName(script.Path)}{ConfigEnding} is false.",
        };
    }

    private static List<BigInteger>? Numbers(string version) => Numbering().IsMatch(version) ? [.. version.Split('.', '_').Select(BigInteger.Parse)] : null;

    [GeneratedRegex(@"^([VRB])\d*([._]\d+)*__.*\.(java|kt|class|sh|bash|ps1|bat|cmd|py)$")]
    private static partial Regex Program();

    [GeneratedRegex(@"^\d+([._]\d+)*$")]
    private static partial Regex Numbering();
}
