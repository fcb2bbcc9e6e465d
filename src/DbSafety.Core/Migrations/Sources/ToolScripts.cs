using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Names;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>The scripts in a folder of a migration tool, in the order in which the tool runs them. Of each, only the part that migrates is read.</summary>
internal static partial class ToolScripts
{
    private static readonly HashSet<string> Loading = ["join", "resolve", "reject", "readFile", "readFileSync", "then", "catch", "log", "runSql", "toString", "require", "endsWith"];

    /// <summary>Files that begin with a number, by that number; the second file of a pair (<c>1_a.down.sql</c>) is omitted.</summary>
    public static IReadOnlyList<MigrationFile> Numbered(string folder) =>
        [.. Sql(folder).Where(n => StartsWithDigit().IsMatch(n) && !n.EndsWith(".down.sql", StringComparison.Ordinal)).Order(SqlFileOrder.Instance).Select(n => File(folder, n, n))];

    /// <summary>Of pairs of a tool that is not known: what undoes by its name in another way than <c>.down.sql</c> is named.</summary>
    /// <exception cref="DbSafetyException"><c>DBS474</c>: among them is a migration of Hasura that is no SQL.</exception>
    public static IReadOnlyList<MigrationFile> Pairs(string folder) =>
        HasuraProgram(folder) is { } program ? throw ErrorCatalogue.ToolUnreadable.For(program, "Hasura", "hasura migrate apply")
        : [.. Numbered(folder).Select(f => SqlFileName.Read(f.Name).Role == SqlFileRole.Undo ? f with { NotRun = "Its name indicates that it undoes another migration." } : f)];

    /// <exception cref="DbSafetyException"><c>DBS477</c>: the environment is a part of a script.</exception>
    public static IReadOnlyList<MigrationFile> Goose(string folder) => Without(Numbered(folder), "goose", t => GooseVariables().IsMatch(t), "environment variables are substituted in it (-- +goose ENVSUB ON)");

    /// <exception cref="DbSafetyException"><c>DBS477</c>: a script is a template.</exception>
    public static IReadOnlyList<MigrationFile> Tern(string folder) => Without(Numbered(folder), "tern", t => t.Contains("{{", StringComparison.Ordinal), "it is a template ({{ … }}), whose values DbSafety does not know");

    private static IReadOnlyList<MigrationFile> Without(IReadOnlyList<MigrationFile> files, string tool, Func<string, bool> isUnreadable, string why) =>
        files.FirstOrDefault(f => isUnreadable(Encoding.UTF8.GetString(f.Bytes ?? []))) is { } file ? throw ErrorCatalogue.ToolFileUnreadable.For(file.Path, tool, why) : files;

    /// <summary>Every file: those with a number by it, the others after them by name.</summary>
    public static IReadOnlyList<MigrationFile> All(string folder) => [.. Sql(folder).Order(SqlFileOrder.Instance).Select(n => File(folder, n, n))];

    /// <summary>Files that begin with a number, by name: <c>10_b.sql</c> before <c>9_a.sql</c>.</summary>
    public static IReadOnlyList<MigrationFile> NumberedByName(string folder) =>
        [.. Sql(folder).Where(n => StartsWithDigit().IsMatch(n)).Order(StringComparer.Ordinal).Select(n => File(folder, n, n))];

    /// <summary>Of all folders that it is configured for, in one order by name.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>: dbmate treats a byte order mark before its mark as a statement.</exception>
    public static IReadOnlyList<MigrationFile> Dbmate(string folder)
    {
        List<MigrationFile> files = [.. ToolConfigs.DbmateFolders(folder).SelectMany(NumberedByName).OrderBy(f => f.Name, StringComparer.Ordinal)];
        return files.Find(f => f.Bytes is [0xEF, 0xBB, 0xBF, ..]) is { } marked
            ? throw ErrorCatalogue.ToolFileUnreadable.For(marked.Path, "dbmate", "it begins with a byte order mark, which dbmate rejects")
            : files;
    }

    /// <summary>Names with a number and an underscore; sqlx skips others (sqlx-core, migrate/source.rs).</summary>
    public static IReadOnlyList<MigrationFile> Sqlx(string folder) => [.. Numbered(folder).Select(f => f.Name.Contains('_', StringComparison.Ordinal) ? f : f with { NotRun = "sqlx does not run a file without _ in its name." })];

    /// <summary>Names as <c>20240101000000_name.sql</c>; Supabase skips others (supabase/cli, pkg/migration/list.go).</summary>
    public static IReadOnlyList<MigrationFile> Supabase(string folder) =>
        [.. NumberedByName(folder).Select((f, i) => !SupabaseName().IsMatch(f.Name) ? f with { NotRun = "Supabase runs only files whose names are a number, _ and a name." }
            : i == 0 && SupabaseInit().Match(f.Name) is { Success: true } init && string.CompareOrdinal(init.Groups[1].Value, "20211209000000") < 0 ? f with { NotRun = "Supabase does not run a first file from before 9 December 2021 with the name init. Rename it if it must run." } : f)];

    /// <summary>By the time in the name, which is written in milliseconds since 1970, or as a date in UTC (node-pg-migrate, migration.ts).</summary>
    /// <exception cref="DbSafetyException"><c>DBS485</c>: it takes both files of a pair for migrations, and runs all of a file without <c>-- Up Migration</c> (sqlMigration.ts).</exception>
    public static IReadOnlyList<MigrationFile> NodePgMigrate(string folder)
    {
        const string tool = "node-pg-migrate";
        if (Sql(folder).Where(n => StartsWithDigit().IsMatch(n) && n.EndsWith(".down.sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault() is { } down)
            throw ErrorCatalogue.ToolRunsUndo.For(Path.Combine(folder, down), tool, "Keep both parts in one file, after -- Up Migration and -- Down Migration, or move the file out of the folder");
        var marks = ScriptMarks.All.First(m => m.Tool == tool);
        IReadOnlyList<MigrationFile> files = [.. Numbered(folder).OrderBy(f => NodeTime(f.Name)).ThenBy(f => f.Name, NodeNameOrder.Instance)];
        foreach (var file in files)
        {
            if (marks.UndoThatRuns(Encoding.UTF8.GetString(file.Bytes ?? [])) is { } line)
                throw ErrorCatalogue.ToolRunsUndo.For($"{file.Path} line {line}", tool, "Add -- Up Migration before the part that migrates: without it, the entire file is run, including what follows -- Down Migration");
        }

        return files;
    }

    /// <summary>It runs every program of the folder, whatever that is made of.</summary>
    public static string? NodeProgramIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(f => StartsWithDigit().IsMatch(Path.GetFileName(f)) && ProgramName().IsMatch(f) && !f.EndsWith(".d.ts", StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();

    private static long NodeTime(string name)
    {
        var digits = name.TakeWhile(char.IsAsciiDigit).ToArray();
        if (digits.Length == 17 && DateTime.TryParseExact(digits, "yyyyMMddHHmmssfff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return new DateTimeOffset(time).ToUnixTimeMilliseconds();
        return long.TryParse(digits, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
    }

    /// <summary>Those that <c>atlas.sum</c> lists, by name. A checkpoint replaces all earlier files on a database without a history.</summary>
    public static IReadOnlyList<MigrationFile> Listed(string folder) =>
        [.. Sql(folder).Order(StringComparer.Ordinal).Select(n => File(folder, n, n)).Select(f => f with { Version = f.Name.Split('_', '.')[0], IsBaseline = AtlasCheckpoint().IsMatch(Encoding.UTF8.GetString(f.Bytes ?? [])), Rewrite = text => AtlasScript.Read(text, f.Path) })];

    /// <summary>The database of Hasura whose migrations are read: the name of the folder that they are in, if that is a database's; null: the project has no such folders.</summary>
    public static string? HasuraDatabase(string folder)
    {
        if (Databases(folder) is [var only])
            return Path.GetFileName(only);
        if (Path.GetDirectoryName(folder) is not { } above || Path.GetDirectoryName(above) is not { } project)
            return null;
        var isConfigured = ProjectFolders.HasSign(project, "config.yaml:endpoint") && Path.GetFullPath(Path.Combine(project, ToolConfigs.Hasura(project) ?? "migrations")) == above;
        return Databases(above).Contains(folder) && (isConfigured || Databases(above).Count > 1) ? Path.GetFileName(folder) : null;
    }

    private static List<string> Databases(string folder) =>
        [.. Directory.EnumerateDirectories(folder, "*", ProjectFolders.Readable).Where(d => !System.IO.File.Exists(Path.Combine(d, "up.sql")) && ProjectFolders.Subfolders(d).Any(m => System.IO.File.Exists(Path.Combine(m, "up.sql"))))];

    /// <summary>In the form of its first configuration: <c>1_a.up.yaml</c>.</summary>
    private static string? HasuraProgram(string folder) => Directory.EnumerateFiles(folder).Where(f => HasuraYaml().IsMatch(Path.GetFileName(f))).Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary><c>NAME/up.sql</c>, also in a folder for each database.</summary>
    public static IReadOnlyList<MigrationFile> UpInFolders(string folder)
    {
        var databases = Databases(folder);
        // One history holds one database's migrations.
        if (databases.Count > 1)
            throw ErrorCatalogue.ProjectAmbiguous.For(folder, string.Join(", ", databases.Order(StringComparer.Ordinal)));
        var root = databases.Count == 1 ? databases[0] : folder;
        if (Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "up.yaml")).FirstOrDefault(System.IO.File.Exists) is var inFolder && (inFolder ?? HasuraProgram(root)) is { } program)
            throw ErrorCatalogue.ToolUnreadable.For(program, "Hasura", "hasura migrate apply");
        return [.. Directory.EnumerateDirectories(root).Where(d => System.IO.File.Exists(Path.Combine(d, "up.sql"))).Select(d => Path.GetFileName(d)).Order(SqlFileOrder.Instance)
            .Select(n => File(root, n, $"{n}/up.sql"))];
    }

    /// <summary>By version, which is the text before the first underscore without hyphens: 10 comes before 2 (diesel, migration/mod.rs).</summary>
    public static IReadOnlyList<MigrationFile> Diesel(string folder) =>
        [.. UpInFolders(folder).OrderBy(f => f.Name.Split('_')[0].Replace("-", "", StringComparison.Ordinal), StringComparer.Ordinal).ThenBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>What was committed; <c>current.sql</c> is work in progress, which <c>migrate</c> does not run.</summary>
    public static IReadOnlyList<MigrationFile> Graphile(string folder)
    {
        var committed = Path.Combine(folder, "committed");
        var root = Directory.Exists(committed) ? committed : folder;
        var settings = GraphileSettings.Of(folder);
        return [.. Sql(root).Where(n => GraphileName().IsMatch(n)).Order(SqlFileOrder.Instance).Select(n => File(root, n, n) with { Rewrite = text => settings.Replace(text, Path.Combine(root, n)) })];
    }

    /// <summary>The scripts that its programs load: one each, of the same name.</summary>
    public static IReadOnlyList<MigrationFile> DbMigrate(string folder)
    {
        var sqls = Path.Combine(folder, "sqls");
        var files = new List<MigrationFile>();
        foreach (var program in Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Where(n => StartsWithDigit().IsMatch(n) && ProgramName().IsMatch(n)).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(program);
            if (!System.IO.File.Exists(Path.Combine(sqls, name + "-up.sql")) || System.IO.File.ReadAllText(Path.Combine(folder, program)) is var text && (DoesMore(text) || !LoadsOwn(text, name)))
                throw ErrorCatalogue.ToolUnreadable.For(Path.Combine(folder, program), "db-migrate", "npx db-migrate up");
            files.Add(File(sqls, name, name + "-up.sql"));
        }

        return files;
    }

    /// <summary>It calls something that loading and running a script does not need.</summary>
    private static bool DoesMore(string program) =>
        Comments().Replace(program, "") is var code && (Call().Matches(code).Any(c => !Loading.Contains(c.Groups[1].Value)) || LiteralSql().IsMatch(code));

    /// <summary>It loads the scripts of its own name and no others, and to migrate the one that migrates.</summary>
    private static bool LoadsOwn(string program, string name)
    {
        var code = Comments().Replace(program, "");
        var loaded = LoadedScript().Matches(code).Select(m => m.Groups[1].Value).ToList();
        return loaded.Count > 0 && loaded.TrueForAll(l => l == name + "-up" || l == name + "-down" || l.StartsWith(name + "-${", StringComparison.Ordinal))
            && UpFunction().Match(code) is { Success: true } up && UpWord().IsMatch(up.Value) && !DownWord().IsMatch(up.Value);
    }

    /// <summary>Files as <c>1_a.up.sql</c>, whatever they end in (golang-migrate, source/parse.go).</summary>
    public static IReadOnlyList<MigrationFile> GolangMigrate(string folder) =>
        [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Where(n => GolangName().IsMatch(n)).Order(SqlFileOrder.Instance).Select(n => File(folder, n, n))];

    /// <summary>Files as <c>V1__a.sql</c> and <c>U2__b.sql</c>, which are both run (refinery-core, util.rs).</summary>
    public static IReadOnlyList<MigrationFile> Refinery(string folder) =>
        [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Where(n => RefineryName().IsMatch(n)).OrderBy(n => BigInteger.Parse(RefineryName().Match(n).Groups[1].Value)).Select(n => File(folder, n, n) with { Version = RefineryName().Match(n).Groups[1].Value })];

    /// <summary>The changes of <c>sqitch.plan</c>, in its order; of a change that was reworked, the earlier script has the tag's name.</summary>
    public static IReadOnlyList<MigrationFile> Sqitch(string folder)
    {
        var config = SqitchConfig.For(folder);
        var plan = new List<(string Name, string Tag)>();
        foreach (var line in System.IO.File.ReadLines(config.Plan).Select(l => l.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or '%')
                continue;
            var name = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
            if (name[0] == '@')
                plan = [.. plan.Select(p => p.Tag.Length == 0 ? (p.Name, name) : p)];
            else
                plan.Add((name.TrimStart('+'), ""));
        }

        var files = new List<MigrationFile>();
        for (var i = 0; i < plan.Count; i++)
        {
            var isReworked = plan.Skip(i + 1).Any(p => p.Name == plan[i].Name);
            var name = isReworked ? plan[i].Name + plan[i].Tag : plan[i].Name;
            files.Add(File(config.Deploy, name, $"{name}.{config.Extension}"));
        }

        return files;
    }

    private static IEnumerable<string> Sql(string folder) => Directory.EnumerateFiles(folder, "*.sql").Select(f => Path.GetFileName(f));

    private static MigrationFile File(string folder, string name, string relative)
    {
        var path = Path.Combine(folder, relative);
        return new MigrationFile(name, path, relative) { Bytes = System.IO.File.Exists(path) ? System.IO.File.ReadAllBytes(path) : null };
    }

    [GeneratedRegex(@"\A(\s*--[^\n]*\n)*?\s*--\s*atlas:checkpoint\b")]
    private static partial Regex AtlasCheckpoint();

    [GeneratedRegex(@"^[0-9]+_.*\.sql$")]
    private static partial Regex SupabaseName();

    [GeneratedRegex(@"^([0-9]{14})_init\.sql$")]
    private static partial Regex SupabaseInit();

    [GeneratedRegex(@"^([0-9]+)_(.*)\.up\.(.*)$")]
    private static partial Regex GolangName();

    [GeneratedRegex(@"^[UV]([0-9]+)__(\w+)\.sql$")]
    private static partial Regex RefineryName();

    [GeneratedRegex(@"/\*.*?\*/|(?<!:)//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comments();

    /// <summary>Of a method, also by a name in brackets.</summary>
    [GeneratedRegex(@"(?:\.\s*(\w+)|\]\s*)\s*\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"runSql\s*\(\s*['""`]")]
    private static partial Regex LiteralSql();

    /// <summary>The last part of a script's path.</summary>
    [GeneratedRegex(@"([^'""`/\\\s,(]+)\.sql\b")]
    private static partial Regex LoadedScript();

    [GeneratedRegex(@"(?:\bexports\.|\bexport\s+(?:const|let|var|async\s+function|function)\s+)up\b.*?(?=\bexports\.(?!up\b)|\bexport\s|\z)", RegexOptions.Singleline)]
    private static partial Regex UpFunction();

    [GeneratedRegex(@"-up\.sql|(['""`])up\1")]
    private static partial Regex UpWord();

    [GeneratedRegex(@"-down\.sql|(['""`])down\1")]
    private static partial Regex DownWord();

    [GeneratedRegex(@"^[0-9]+_.*\.up\.ya?ml$", RegexOptions.IgnoreCase)]
    private static partial Regex HasuraYaml();

    [GeneratedRegex(@"^\s*--\s*\+goose\s+ENVSUB\s+ON\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex GooseVariables();

    [GeneratedRegex(@"^[0-9]")]
    private static partial Regex StartsWithDigit();

    // graphile-migrate, current.ts.
    [GeneratedRegex(@"^([0-9]+)(-[-_a-zA-Z0-9]*)?\.sql$")]
    private static partial Regex GraphileName();

    [GeneratedRegex(@"\.[cm]?[jt]s$")]
    private static partial Regex ProgramName();
}
