using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Names;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>A folder of SQL files, run in the order of their numbers; if no file has a number, in the order of their names.</summary>
internal static partial class SqlFolder
{
    /// <summary>In a folder with one of these files, SQL files without numbers are part of a program and not migrations.</summary>
    private static readonly string[] Projects =
        [".git", "package.json", "Cargo.toml", "go.mod", "pyproject.toml", "setup.py", "requirements.txt", "Gemfile", "composer.json", "pom.xml", "build.gradle", "mix.exs", "docker-compose.yml", "compose.yaml", "Makefile", "Dockerfile"];

    /// <summary>Extensions of tools that keep migrations as programs and SQL in one folder.</summary>
    private static readonly HashSet<string> Programs = new([".py", ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".rb", ".go", ".php", ".cs", ".java", ".kt", ".exs", ".sh", ".bash", ".zsh", ".ps1", ".pl", ".bat", ".cmd"], StringComparer.OrdinalIgnoreCase);

    public static bool HasNumbered(string folder) => Names(folder).Any(n => n is { Role: SqlFileRole.Forward, Place.Count: > 0 });

    /// <summary>It contains SQL files, and is not the folder of a single migration.</summary>
    public static bool IsOne(string folder) => Names(folder) is var names && names.Any(n => n.Role == SqlFileRole.Forward) && !names.Any(n => OneMigration().IsMatch(n.Name));

    public static MigrationFolder Open(string folder)
    {
        var listed = Listed(folder);
        var word = Word(folder);
        var names = Names(folder).Where(n => listed.Contains(n.Name)).Select(n => n.Behind(word)).ToList();
        var order = NameOrder.Unknown(listed);
        var files = listed.Select(n => Read(folder, n) with { Doubt = Doubt(folder, names.First(o => o.Name == n), names, n == listed[0]), OrderDoubt = order }).ToList();
        foreach (var (name, why) in Others(folder, listed))
            files.Add(new MigrationFile(name, Path.Combine(folder, name), name) { Bytes = File.ReadAllBytes(Path.Combine(folder, name)), IsUnlisted = true, NotRun = why });
        return new MigrationFolder(MigrationSource.Sql, folder, [.. files.OrderBy(f => f.Name, PlainOrder.Instance)], PlainOrder.Instance);
    }

    /// <summary>The files that are run, in their order.</summary>
    /// <exception cref="DbSafetyException"><c>DBS401</c> there are none; <c>DBS410</c>.</exception>
    public static IReadOnlyList<string> Listed(string folder)
    {
        var names = Names(folder);
        if (names.Any(n => OneMigration().IsMatch(n.Name)))
            throw ErrorCatalogue.MigrationsUnsupported.For(folder, "it is a single migration of a tool that uses a folder for each migration (Prisma, Drizzle, Hasura, Diesel); the parent folder holds all migrations");
        if (FolderNames.IsForUndoing(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))
            throw ErrorCatalogue.MigrationsUnsupported.For(folder, "its name indicates that its files undo migrations");
        var forward = names.Where(n => n.Role == SqlFileRole.Forward).ToList();
        var numbered = forward.Where(n => n.Place.Count > 0).ToList();
        var word = Word(folder);
        if ((numbered.Count > 0 || word.Length > 0) && Directory.EnumerateFiles(folder, "*", ProjectFolders.Readable).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).FirstOrDefault(n => IsNumberedProgram(n, word)) is { } program)
            throw ErrorCatalogue.MigrationsUnsupported.For(Path.Combine(folder, program), $"it is {(Compressed().IsMatch(program) ? "compressed" : "a program")} among numbered SQL files, which would run without it");
        var isProject = Array.Exists(Projects, p => Path.Exists(Path.Combine(folder, p)));
        var below = numbered.Count > 0 ? "" : Below(folder);
        // Next to a folder of migrations, files without numbers are not migrations.
        var run = numbered.Count > 0 ? [.. numbered, .. forward.Where(n => n.Place.Count == 0 && NameOrder.IsHexadecimalAmong(n.Name, numbered.Select(o => o.Name)))] : isProject || below.Length > 0 ? [] : forward.Where(n => !IsNoMigration(folder, n)).ToList();
        if (run.Count == 0)
        {
            throw ErrorCatalogue.MigrationsNotFound.For(folder, names.FirstOrDefault(n => n.Role == SqlFileRole.OtherDatabase) is { } other && forward.Count == 0 ? $"the name of {other.Name} indicates another database system{below}"
                : forward.Count == 0 ? $"it contains no *.sql files{below}"
                : forward.TrueForAll(n => HasQueries(folder, n.Name)) ? $"{string.Join(", ", forward.Select(n => n.Name).Order(StringComparer.Ordinal))} {(forward.Count == 1 ? "holds" : "hold")} named queries of sqlc{below}"
                : forward.TrueForAll(n => WholeSchema().IsMatch(n.Name)) ? $"{string.Join(", ", forward.Select(n => n.Name).Order(StringComparer.Ordinal))} {(forward.Count == 1 ? "is" : "are")} by name a complete schema, not a change to a schema; if {(forward.Count == 1 ? "it is a migration" : "they are migrations")}, begin each name with a number{below}"
                : $"{string.Join(", ", forward.Select(n => n.Name).Order(StringComparer.Ordinal))} {(forward.Count == 1 ? "is" : "are")} not numbered{(isProject ? ", in a project's folder" : "")}{below}");
        }

        if (run.Find(n => ExtensionUpdate().IsMatch(n.Name)) is { } script)
            throw ErrorCatalogue.MigrationsUnsupported.For(Path.Combine(folder, script.Name), "its name is that of an extension script, which CREATE EXTENSION and ALTER EXTENSION … UPDATE run");
        List<string> ordered = [.. run.Select(n => n.Name).Order(PlainOrder.Instance)];
        for (var i = 0; i < ordered.Count; i++)
        {
            if (Dependencies(folder, ordered[i]).FirstOrDefault(d => ordered.FindIndex(o => Path.GetFileNameWithoutExtension(o) == d) > i) is { } late)
                throw ErrorCatalogue.MigrationsUnsupported.For(Path.Combine(folder, ordered[i]), $"its line \"-- depends:\" belongs to yoyo-migrations, which runs {late} before it; by its name it would run first");
        }

        return ordered;
    }

    private static string[] Dependencies(string folder, string name) => DependsLine().Match(Head(folder, name)) is { Success: true } line ? line.Groups[1].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>The word before the numbers of the files that are run; empty: no word, or different words.</summary>
    private static string Word(string folder) =>
        Names(folder) is var names && names.Any(n => n is { Role: SqlFileRole.Forward, Place.Count: > 0 }) ? "" : NameOrder.CommonWord([.. names.Where(n => n.Role == SqlFileRole.Forward && !IsNoMigration(folder, n)).Select(n => n.Name)]);

    private static bool IsNumberedProgram(string name, string word) =>
        (Programs.Contains(Path.GetExtension(name)) || Compressed().IsMatch(name)) && name.StartsWith(word, StringComparison.Ordinal) && NumberedProgram().IsMatch(name[word.Length..]);

    private static IReadOnlyList<SqlFileName> Names(string folder) => SqlFileName.ReadAll(Directory.EnumerateFiles(folder, "*.sql", ProjectFolders.Readable).Select(f => Path.GetFileName(f)));

    /// <summary>Why it must not run before a user has checked it; null: there is no reason.</summary>
    private static string? Doubt(string folder, SqlFileName name, List<SqlFileName> all, bool isFirst)
    {
        var same = name.Place.Count == 0 || name.IsYear || NameOrder.HasDateInside(name.Name) ? null : all.Find(o => o != name && o.Number == name.Number && (!name.IsDay || NameDoubts.HaveInCommon(Description(name), Description(o))));
        return same is not null ? $"{same.Name} has the same number, and one of the two files could undo or replace the other"
            : name.Place.Count > 0 && (NameDoubts.Of(Description(name)) ?? NameDoubts.OfEnding(name.Name)) is { } doubt ? doubt
            : name.Place.Count > 0 && name.Undone(all) is { } undone ? $"its name indicates that it undoes {undone.Name}"
            : !isFirst && IsDump(folder, name.Name) ? "it is a dump created by pg_dump"
            : HasQueries(folder, name.Name) ? "it holds named queries of sqlc, which are run by a program"
            : null;
    }

    private static List<string> Description(SqlFileName name) => [.. (NamePeriod.Of(name.Name) is { } period ? SqlFileName.Read("0_" + name.Name[period.Length..]) : name).Words.Where(w => !w.TrimStart('v').All(char.IsAsciiDigit))];

    /// <summary>Without a number: a dump, a seed, a copy, or a file that is hidden.</summary>
    private static bool IsNoMigration(string folder, SqlFileName name) =>
        name.Name.StartsWith('.') || (NotMigration().IsMatch(name.Name) && !SchemaChange().IsMatch(name.Name)) || name.Words.Any(w => NoMigrationAnywhere().IsMatch(w)) || IsDump(folder, name.Name) || HasQueries(folder, name.Name);

    private static bool IsDump(string folder, string name) => DumpHeader().IsMatch(Head(folder, name));

    private static bool HasQueries(string folder, string name) => NamedQuery().IsMatch(Head(folder, name));

    private static string Head(string folder, string name)
    {
        using var reader = new StreamReader(Path.Combine(folder, name));
        var head = new char[400];
        return new string(head, 0, reader.ReadBlock(head));
    }

    /// <summary>
    /// Files without a place in the order, and why: files that undo no other file, copies, files with other extensions, and numbered files of subfolders.
    /// </summary>
    private static IEnumerable<(string Name, string? Why)> Others(string folder, IReadOnlyList<string> listed)
    {
        var isNumbered = SqlFileName.Read(listed[0]).Place.Count > 0;
        foreach (var name in Names(folder).Where(n => !listed.Contains(n.Name)))
        {
            if (name.Role == SqlFileRole.Copy)
                yield return (name.Name, "Its name indicates that it is a copy of another file, so it is not run.");
            else if (name.Role == SqlFileRole.OtherDatabase)
                yield return (name.Name, "Its name indicates that it is for a database system other than PostgreSQL, so it is not run.");
            else if (name.Role != SqlFileRole.Undo)
                yield return (name.Name, isNumbered ? null : "Its name or its first lines indicate that it is a dump, a seed, a copy or a file of queries, so it is not run. If it is a migration, number all files.");
            else if (FirstNumber(name.Name).Length == 0 || !listed.Any(l => SqlFileName.Read(l).Number == name.Number || FirstNumber(l) == FirstNumber(name.Name)))
                yield return (name.Name, "Its name indicates that it undoes another migration, so it is not run. Rename it if it is a migration.");
        }

        foreach (var name in Directory.EnumerateFiles(folder, "*", ProjectFolders.Readable).Select(f => Path.GetFileName(f)).Where(n => OtherEnding().IsMatch(n) || (isNumbered && IsOther(folder, n))))
            yield return (name, "Only files that end in .sql are run. Rename it if it is a migration.");
        foreach (var below in Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not "node_modules" and not ['.', ..] && !FolderNames.Undoes(Path.GetFileName(d))))
        {
            foreach (var name in Names(below).Where(n => n is { Role: SqlFileRole.Forward, Place.Count: > 0 }).Select(n => $"{Path.GetFileName(below)}/{n.Name}")
                .Concat(Names(below).Where(n => char.IsAsciiDigit(Path.GetFileName(below)[0]) && OneMigration().IsMatch(n.Name)).Select(n => $"{Path.GetFileName(below)}/{n.Name}")))
                yield return (name, null);
        }
    }

    /// <summary>It begins with a number, is not a SQL file, and is not a description or a copy of a SQL file.</summary>
    private static bool IsOther(string folder, string name) =>
        BeginsWithNumber().IsMatch(name) && !name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase) && !Harmless().IsMatch(name) && !(Path.HasExtension(name) && File.Exists(Path.Combine(folder, Path.ChangeExtension(name, null)))) && !File.Exists(Path.Combine(folder, Path.ChangeExtension(name, ".sql")));

    private static string FirstNumber(string name) => Digits().Match(name).Value.TrimStart('0');

    /// <summary>The subfolders that contain migrations.</summary>
    private static string Below(string folder)
    {
        var found = Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not "node_modules" and not ['.', ..])
            .SelectMany(d => Directory.EnumerateDirectories(d, "*", ProjectFolders.Readable).Where(s => Path.GetFileName(s) is not "node_modules" and not ['.', ..]).Prepend(d))
            .Where(d => !FolderNames.IsForUndoing(d) && FolderNames.NoMigrations(d) is null && HasMigrations(d)).Take(10).Select(d => Path.GetRelativePath(folder, d).Replace('\\', '/')).Order(StringComparer.Ordinal).ToList();
        return found.Count == 0 ? "" : $"; there are migrations in {string.Join(", ", found)}";
    }

    private static bool HasMigrations(string folder)
    {
        try
        {
            return ProjectFolders.In(folder).Count > 0;
        }
        catch (DbSafetyException)
        {
            // There are files, but they cannot be read.
            return true;
        }
    }

    private static MigrationFile Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var file = new MigrationFile(name, path, name) { Bytes = File.ReadAllBytes(path) };
        // If the entire file were run, it would make its change and undo it.
        if (UndoComment.In(Encoding.UTF8.GetString(file.Bytes)) is { } mark)
            throw ErrorCatalogue.MigrationsUnsupported.For(path, $"line {mark.Line} ({mark.Text}) begins a part that undoes the migration; if it is only a comment, begin it with \"note:\"");
        return file;
    }

    [GeneratedRegex(@"^(schema|structure)[._\s-]?v?[0-9.]*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex WholeSchema();

    /// <summary><c>schema_migration_1.sql</c>: a change to a schema, not a complete schema.</summary>
    [GeneratedRegex(@"^schema[._\s-]?(migrations?|changes?|updates?|patch(es)?|upgrades?|alter|delta|diff)[._\s-]", RegexOptions.IgnoreCase)]
    private static partial Regex SchemaChange();

    [GeneratedRegex(@"^(schema|structure|current|samples?|demo|examples?|test[_-]data|sample[_-]data|restore|reset|clean|cleanup|drop|uninstall|(delete|truncate|remove)[_-]all|wipe|nuke|purge|destroy|do[_-]not[_-])([._\s-]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex NotMigration();

    [GeneratedRegex(@"^(seeds?|dumps?|pgdump|backups?|bak|fixtures?|testdata|teardown|snapshot|orig|old|copy|tmp)$")]
    private static partial Regex NoMigrationAnywhere();

    [GeneratedRegex(@"^v?[0-9]+[._-]|^[VR]\d*__", RegexOptions.IgnoreCase)]
    private static partial Regex NumberedProgram();

    [GeneratedRegex(@"-- PostgreSQL database (cluster )?dump")]
    private static partial Regex DumpHeader();

    [GeneratedRegex(@"\.sql\.(gz|xz|bz2|zst|zip|lz4)$", RegexOptions.IgnoreCase)]
    private static partial Regex Compressed();

    /// <summary><c>name--1.0--1.1.sql</c>: https://www.postgresql.org/docs/current/extend-extensions.html.</summary>
    [GeneratedRegex(@"^[^0-9-].*?--[\w.]+(-[\w.]+)*--[\w.]+(-[\w.]+)*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex ExtensionUpdate();

    [GeneratedRegex(@"^v?[0-9].*\.(psql|pgsql|ddl)$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherEnding();

    [GeneratedRegex(@"^[ \t]*--[ \t]*depends:([^\r\n]+)", RegexOptions.Multiline)]
    private static partial Regex DependsLine();

    [GeneratedRegex(@"^v?[0-9]", RegexOptions.IgnoreCase)]
    private static partial Regex BeginsWithNumber();

    [GeneratedRegex(@"\.(md|markdown|rst|adoc|png|jpe?g|gif|svg|pdf|html?|json|csv|tsv|ya?ml|toml|log|sum|lock|docx?|xlsx?|drawio|puml|mmd|diff|patch|rej|sw[op]|bak|orig|tmp)$|~$", RegexOptions.IgnoreCase)]
    private static partial Regex Harmless();

    /// <summary>As sqlc has them: https://docs.sqlc.dev/en/stable/reference/query-annotations.html.</summary>
    [GeneratedRegex(@"^\s*--\s*name:\s*\w+\s+:(one|many|exec|execrows|execresult|execlastid|copyfrom|batch\w+)\b", RegexOptions.Multiline)]
    private static partial Regex NamedQuery();

    [GeneratedRegex(@"^(up|migration)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex OneMigration();

    [GeneratedRegex(@"[0-9]+")]
    private static partial Regex Digits();
}
