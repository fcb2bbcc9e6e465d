using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>A folder of SQL files, run in the order of their numbers; where none has one, in that of their names.</summary>
internal static partial class SqlFolder
{
    /// <summary>Where one of these is, SQL files without numbers are part of a program and no migrations.</summary>
    private static readonly string[] Projects =
        [".git", "package.json", "Cargo.toml", "go.mod", "pyproject.toml", "setup.py", "requirements.txt", "Gemfile", "composer.json", "pom.xml", "build.gradle", "mix.exs", "docker-compose.yml", "compose.yaml", "Makefile", "Dockerfile"];

    public static bool HasNumbered(string folder) => Names(folder).Any(n => n is { Role: SqlFileRole.Forward, Version.Count: > 0 });

    /// <summary>It has SQL files of its own, and is not the folder of one migration.</summary>
    public static bool IsOne(string folder) => Names(folder).ToList() is var names && names.Exists(n => n.Role == SqlFileRole.Forward) && !names.Exists(n => OneMigration().IsMatch(n.Name));

    public static MigrationFolder Open(string folder)
    {
        var listed = Listed(folder);
        var files = listed.Select(n => Read(folder, n)).ToList();
        foreach (var name in Others(folder, listed))
            files.Add(new MigrationFile(name, Path.Combine(folder, name), name) { Bytes = File.ReadAllBytes(Path.Combine(folder, name)), IsUnlisted = true });
        return new MigrationFolder(MigrationSource.Sql, folder, [.. files.OrderBy(f => f.Name, SqlFileOrder.Instance)], SqlFileOrder.Instance);
    }

    /// <summary>The files that are run, in their order.</summary>
    /// <exception cref="DbSafetyException"><c>DBS401</c> there are none; <c>DBS410</c>.</exception>
    public static IReadOnlyList<string> Listed(string folder)
    {
        var names = Names(folder).ToList();
        if (names.Exists(n => OneMigration().IsMatch(n.Name)))
            throw ErrorCatalogue.MigrationsUnsupported.For(folder, "it is one migration of a tool that has a folder for each (Prisma, Drizzle, Hasura, Diesel); the folder above holds all of them");
        var forward = names.Where(n => n.Role == SqlFileRole.Forward).ToList();
        var numbered = forward.Where(n => n.Version.Count > 0).ToList();
        // Repeatable ones have no number, and Flyway alone knows when they are due.
        var isProject = Array.Exists(Projects, p => Path.Exists(Path.Combine(folder, p)));
        var run = numbered.Count > 0 ? numbered : isProject ? [] : forward.Where(n => !NotMigration().IsMatch(n.Name)).ToList();
        if (run.Count == 0)
        {
            throw ErrorCatalogue.MigrationsNotFound.For(folder, forward.Count == 0 ? $"there is no *.sql in it{Below(folder)}"
                : $"{string.Join(", ", forward.Select(n => n.Name).Order(StringComparer.Ordinal))} {(forward.Count == 1 ? "is" : "are")} not numbered{(isProject ? ", in a project's folder" : "")}{Below(folder)}");
        }

        return [.. run.Select(n => n.Name).Order(SqlFileOrder.Instance)];
    }

    private static IEnumerable<SqlFileName> Names(string folder) => Directory.EnumerateFiles(folder, "*.sql", ProjectFolders.Readable).Select(f => SqlFileName.Read(Path.GetFileName(f)));

    private static string FirstNumber(string name) => Digits().Match(name).Value.TrimStart('0');

    /// <summary>What is in no order, what undoes none of the files, and numbered files of subfolders, which are in another's order.</summary>
    private static IEnumerable<string> Others(string folder, IReadOnlyList<string> listed) =>
        Names(folder).Where(n => !listed.Contains(n.Name) && (n.Role != SqlFileRole.Undo || !listed.Any(l => FirstNumber(l) == FirstNumber(n.Name)))).Select(n => n.Name)
            .Concat(Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not "node_modules" and not ['.', ..])
                .SelectMany(d => Names(d).Where(n => n is { Role: SqlFileRole.Forward, Version.Count: > 0 }).Select(n => $"{Path.GetFileName(d)}/{n.Name}"))
                .Where(n => !UndoFolder().IsMatch(n)));

    /// <summary>Where there are migrations in the places below.</summary>
    private static string Below(string folder)
    {
        var found = Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d) is not "node_modules" and not ['.', ..])
            .SelectMany(d => Directory.EnumerateDirectories(d, "*", ProjectFolders.Readable).Where(s => Path.GetFileName(s) is not "node_modules" and not ['.', ..]).Prepend(d))
            .Where(HasMigrations).Take(10).Select(d => Path.GetRelativePath(folder, d).Replace('\\', '/')).Order(StringComparer.Ordinal).ToList();
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
            // There are, but they cannot be read.
            return true;
        }
    }

    private static MigrationFile Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var file = new MigrationFile(name, path, name) { Bytes = File.ReadAllBytes(path) };
        // Run as a whole, such a file would make its change and take it back at once.
        if (UndoComment.In(Encoding.UTF8.GetString(file.Bytes)) is { } mark)
            throw ErrorCatalogue.MigrationsUnsupported.For(path, $"line {mark.Line} ({mark.Text}) begins a part that undoes it");
        return file;
    }

    [GeneratedRegex(@"^(seeds?|schema|structure|dump|backup|current|fixtures?|sample|testdata|test[_-]data|sample[_-]data|restore|reset|teardown|clean|cleanup|drop|drop[_-]all)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NotMigration();

    [GeneratedRegex(@"^(up|migration)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex OneMigration();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(down|undo|rollbacks?|reverts?)/", RegexOptions.IgnoreCase)]
    private static partial Regex UndoFolder();
}
