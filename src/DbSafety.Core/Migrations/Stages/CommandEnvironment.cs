using DbSafety.Databases;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The variables by which a command finds its database. Every one that holds a PostgreSQL URL, in this process's environment or in the project's
/// env files, is pointed at the database that is meant: a <c>DIRECT_URL</c> left as it is would take a rehearsal to production. Tools that read
/// env files themselves (Prisma, dotenv) leave alone what is set already.
/// </summary>
internal static class CommandEnvironment
{
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.System };

    private static readonly string[] Always = ["DATABASE_URL"];

    public static IReadOnlyDictionary<string, string?> For(DatabaseTarget target, string folder)
    {
        var environment = new Dictionary<string, string?>(target.ToolEnvironment(), StringComparer.Ordinal);
        foreach (var name in Always.Concat(OwnNames()).Concat(FileNames(folder)))
            environment[name] = target.Url(ProjectCommand.SessionName);
        return environment;
    }

    private static IEnumerable<string> OwnNames() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Where(e => e.Value is string value && PostgresUrl.IsOne(value)).Select(e => (string)e.Key);

    private static IEnumerable<string> FileNames(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var files = at.EnumerateFiles(".env*", Readable).Concat(new DirectoryInfo(Path.Combine(at.FullName, "prisma")) is { Exists: true } prisma ? prisma.EnumerateFiles(".env*", Readable) : []);
            foreach (var name in files.SelectMany(f => EnvFile.Read(f.FullName)).Where(v => PostgresUrl.IsOne(v.Value)).Select(v => v.Key))
                yield return name;
            if (Directory.Exists(Path.Combine(at.FullName, ".git")))
                yield break;
        }
    }
}
