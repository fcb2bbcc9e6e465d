using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The variables by which a command finds its database. Every one that holds a PostgreSQL URL, in this process's environment or in the project's
/// env files, is set to the target database: an unchanged <c>DIRECT_URL</c> would connect a rehearsal to production. Tools that read
/// env files themselves (Prisma, dotenv) do not change variables that are already set.
/// </summary>
internal static class CommandEnvironment
{
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.System };

    private static readonly string[] Always = ["DATABASE_URL"];

    public static IReadOnlyDictionary<string, string?> For(DatabaseTarget target, string folder) => For(target, Variables(folder));

    /// <summary>For a rehearsal: other forms of production's address are also set to the copy.</summary>
    public static IReadOnlyDictionary<string, string?> ForCopy(DatabaseTarget copy, DatabaseTarget production, string folder)
    {
        // A driver that needs an explicit setting for connections without TLS needs it for the copy too, because the copy has no TLS.
        copy = production.SslMode == "disable" ? copy with { SslMode = "disable" } : copy;
        var (variables, address) = (Variables(folder), new CopyAddress(production, copy));
        var environment = new Dictionary<string, string?>(For(copy, variables), StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            if (!environment.ContainsKey(name) && address.Of(name, value) is { } there)
                environment[name] = there;
        }

        return environment;
    }

    /// <summary>The names of the project's variables that are set to the copy, as a hint shows them.</summary>
    public static string Names(DatabaseTarget copy, DatabaseTarget production, string folder) =>
        string.Join(", ", ForCopy(copy, production, folder).Where(v => v.Value is not null && v.Key is not ("PGAPPNAME" or "PGCONNECT_TIMEOUT")).Select(v => v.Key).Order(StringComparer.Ordinal));

    /// <summary>The project's variables that name another database and are set to the target nevertheless, except <c>DATABASE_URL</c>, for which this is intended.</summary>
    public static IReadOnlyList<string> Redirected(DatabaseTarget target, string folder) =>
    [
        .. Variables(folder).Where(v => PostgresUrl.IsOne(v.Value)).GroupBy(v => v.Key, StringComparer.Ordinal)
            .Where(g => !Always.Contains(g.Key) && !g.Any(v => DatabaseTargets.Names(v.Value, target))).Select(g => g.Key).Order(StringComparer.Ordinal),
    ];

    private static Dictionary<string, string?> For(DatabaseTarget target, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        var environment = new Dictionary<string, string?>(target.ToolEnvironment(), StringComparer.Ordinal);
        foreach (var name in Always.Concat(variables.Where(v => PostgresUrl.IsOne(v.Value)).Select(v => v.Key)))
            environment[name] = target.Url(ProjectCommand.SessionName);
        // Clients that read libpq's variables do not read PGHOSTADDR.
        environment["PGHOST"] = target.Address;
        return environment;
    }

    /// <summary>The variables of this process take precedence over those of the nearest files, as in the tools.</summary>
    private static List<KeyValuePair<string, string>> Variables(string folder) =>
    [
        .. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value ?? "")),
        .. FileVariables(folder),
    ];

    private static IEnumerable<KeyValuePair<string, string>> FileVariables(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var files = at.EnumerateFiles(".env*", Readable).Concat(new DirectoryInfo(Path.Combine(at.FullName, "prisma")) is { Exists: true } prisma ? prisma.EnumerateFiles(".env*", Readable) : []);
            foreach (var variable in files.SelectMany(f => EnvFile.Read(f.FullName)))
                yield return variable;
            if (Directory.Exists(Path.Combine(at.FullName, ".git")))
                yield break;
        }
    }
}
