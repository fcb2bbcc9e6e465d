using System.Text.RegularExpressions;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>
/// The direct URL of a database that a project reaches through a pooler: <c>directUrl</c> in a Prisma schema, or one of the usual variables, in the
/// env file, the project's env files or this process's environment.
/// </summary>
/// <param name="Place">The source of the variable, for messages.</param>
/// <param name="IsOfProject">What has it names the pooler as its database, and is the env file that was named or of the project that is migrated.</param>
internal sealed partial record DirectAddress(string Variable, string Place, DatabaseTarget Target, bool IsOfProject)
{
    private const string Environs = "the environment";

    private static readonly string[] Usual = ["DIRECT_URL", "DIRECT_DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"];

    private static readonly string[] Schemas = ["schema.prisma", "prisma/schema.prisma", "prisma.config.ts", "prisma.config.js", "prisma.config.mjs"];

    /// <summary>For the hint of a refusal, without the password; empty if none is known.</summary>
    public static string Hint(DatabaseTarget pooled) => pooled.DirectHint ?? (Find(pooled, null, null).FirstOrDefault() is { } direct ? direct.ToString() : "");

    public override string ToString() => IsOfProject || Place == Environs
        ? $"{Variable} of {Place} names the server directly: {Target}." : $"{Variable} of {Place} names a database {Target.Database} too: {Target}. Specify that URL if it is the same database.";

    /// <summary>
    /// Migrations use the same URL as the project's own tool: Prisma Migrate uses <c>directUrl</c>. Only a source that names the pooler as the project's database
    /// can name the direct address, and the database must have the same name; the URL that is used is reported.
    /// </summary>
    /// <param name="path">The migrations.</param>
    /// <param name="projectOf">The project folder of the migrations.</param>
    /// <returns>The target itself, unless it is a pooler that is refused and the project has a direct URL.</returns>
    public static async Task<DatabaseTarget> ForMigrationsAsync(DatabaseTarget target, string path, Func<string, string> projectOf, IOperationEvents events, CancellationToken ct)
    {
        if (target.Container is not null)
            return target;
        var found = Find(target, path, projectOf).ToList();
        if (found.Find(d => d.IsOfProject) is not { } direct)
            return found.Count == 0 ? target : target with { DirectHint = found[0].ToString() };
        try
        {
            await using var connection = await target.OpenAsync(ct);
            return target;
        }
        catch (DbSafetyException e)
        {
            // Every other error is the operation's own.
            if (!PoolerCheck.IsRefusal(e))
                return target;
            events.Warning($"{e.Message}; the migrations use {direct.Variable} of {direct.Place}: {direct.Target}");
            return direct.Target;
        }
    }

    private static IEnumerable<DirectAddress> Find(DatabaseTarget pooled, string? path, Func<string, string>? projectOf)
    {
        foreach (var start in new[] { path, pooled.EnvFile, CurrentFolder() }.Where(s => !string.IsNullOrEmpty(s)))
        {
            if (FindSchema(start!) is not { } schema)
                continue;
            var places = Places(pooled, schema).ToList();
            var isMigrated = path is not null && BelongsTo(schema, path, projectOf!);
            foreach (var (variable, literal) in Named(schema, SchemaPattern(), ConfigPattern()))
            {
                var literalPooler = Named(schema, UrlPattern(), null).Any(u => DatabaseTargets.Names(u.Literal, pooled));
                if (Same(pooled, literal) is { } stated)
                    yield return new DirectAddress("directUrl", schema, stated, isMigrated && (literalPooler || places.Exists(p => p.NamesPooler)));
                foreach (var place in variable is null ? [] : places)
                {
                    if (Same(pooled, place.Value(variable!)) is { } direct)
                        yield return new DirectAddress(variable!, place.Name, direct, place.NamesPooler && (isMigrated || place.Name == pooled.EnvFile));
                }
            }
        }

        foreach (var variable in Usual)
        {
            if (pooled.EnvFile is { } file && Same(pooled, Values(file).GetValueOrDefault(variable)) is { } named)
                yield return new DirectAddress(variable, file, named, true);
            if (Same(pooled, Environment.GetEnvironmentVariable(variable)) is { } own)
                yield return new DirectAddress(variable, Environs, own, false);
        }
    }

    /// <summary>Where a schema's variables have their values: the env file that was named, this process's environment, and the env files beside the schema and in its project's folder.</summary>
    private static IEnumerable<(string Name, Func<string, string?> Value, bool NamesPooler)> Places(DatabaseTarget pooled, string schema)
    {
        var folder = Path.GetDirectoryName(schema)!;
        var names = Named(schema, UrlPattern(), null).Select(u => u.Variable).OfType<string>().Append("DATABASE_URL").Distinct().ToList();
        if (pooled.EnvFile is { } own && Values(own) is var given)
            yield return (own, given.GetValueOrDefault, true);
        yield return (Environs, Environment.GetEnvironmentVariable, names.Exists(n => DatabaseTargets.Names(Environment.GetEnvironmentVariable(n), pooled)));
        foreach (var file in new[] { Path.Combine(folder, ".env"), Path.Combine(Path.GetDirectoryName(folder) ?? folder, ".env") }.Where(f => File.Exists(f) && f != pooled.EnvFile))
        {
            var values = Values(file);
            yield return (file, values.GetValueOrDefault, names.Exists(n => DatabaseTargets.Names(values.GetValueOrDefault(n), pooled)));
        }
    }

    /// <summary>It is in the project of the migrations, or the migrations are its own.</summary>
    private static bool BelongsTo(string schema, string path, Func<string, string> projectOf)
    {
        var (folder, migrations) = (Path.GetDirectoryName(schema)!, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (migrations == Path.Combine(folder, "migrations") || migrations == Path.Combine(folder, "prisma", "migrations"))
            return true;
        try
        {
            var project = Path.TrimEndingDirectorySeparator(projectOf(path));
            return folder == project || folder.StartsWith(project + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        }
        catch (DbSafetyException)
        {
            // The code that reads the migrations reports the error.
            return false;
        }
    }

    /// <summary>The database of that name at another address.</summary>
    private static DatabaseTarget? Same(DatabaseTarget pooled, string? url)
    {
        try
        {
            return url is not null && PostgresUrl.IsOne(url) && DatabaseTargets.Parse(url) is { IsPooler: false } target && target.Database == pooled.Database && target.Server != pooled.Server ? target : null;
        }
        catch (DbSafetyException)
        {
            return null;
        }
    }

    private static IReadOnlyDictionary<string, string> Values(string path)
    {
        try
        {
            return EnvFile.Read(path);
        }
        catch (DbSafetyException)
        {
            return new Dictionary<string, string>();
        }
    }

    /// <summary>The nearest one, from a path up to the repository root.</summary>
    private static string? FindSchema(string path)
    {
        for (var at = new DirectoryInfo(Path.GetFullPath(path)); at is not null; at = at.Parent)
        {
            if (Schemas.Select(name => Path.Combine(at.FullName, name)).FirstOrDefault(File.Exists) is { } schema)
                return schema;
            if (Directory.Exists(Path.Combine(at.FullName, ".git")))
                return null;
        }

        return null;
    }

    private static string? CurrentFolder()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was removed.
            return null;
        }
    }

    /// <summary>The variables and the URLs that a pattern finds in a schema, or another one in a configuration.</summary>
    private static IEnumerable<(string? Variable, string? Literal)> Named(string schema, Regex inSchema, Regex? inConfiguration)
    {
        string text;
        try
        {
            text = File.ReadAllText(schema);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        var pattern = schema.EndsWith(".prisma", StringComparison.Ordinal) ? inSchema : inConfiguration;
        return pattern is null ? [] : pattern.Matches(text).Select(m => (m.Groups["name"] is { Success: true } name ? name.Value : null, m.Groups["url"] is { Success: true } url ? url.Value : null));
    }

    [GeneratedRegex("""^[ \t]*directUrl[ \t]*=[ \t]*(?:env\([ \t]*"(?<name>\w+)"[ \t]*\)|"(?<url>[^"\r\n]+)")""", RegexOptions.Multiline)]
    private static partial Regex SchemaPattern();

    [GeneratedRegex("""^[ \t]*url[ \t]*=[ \t]*(?:env\([ \t]*"(?<name>\w+)"[ \t]*\)|"(?<url>[^"\r\n]+)")""", RegexOptions.Multiline)]
    private static partial Regex UrlPattern();

    /// <summary>In Prisma 7 and later, the URL for Prisma Migrate is in its configuration file.</summary>
    [GeneratedRegex("""^(?![ \t]*//).*?\b(?:url|directUrl)[ \t]*:[ \t]*(?:env(?:<[^>]*>)?\([ \t]*["'](?<name>\w+)|process\.env(?:\.|\[["'])(?<name>\w+))""", RegexOptions.Multiline)]
    private static partial Regex ConfigPattern();
}
