using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases;

/// <summary>
/// The direct URL of a database that a project reaches through a pooler: <c>directUrl</c> in a Prisma schema, or one of the usual variables, in the
/// env file, the project's env files or this process's environment.
/// </summary>
/// <param name="Place">What holds the variable, for messages.</param>
/// <param name="IsOfProject">The Prisma schema or the env file that was named has it; not this process's environment alone.</param>
internal sealed partial record DirectAddress(string Variable, string Place, DatabaseTarget Target, bool IsOfProject)
{
    private static readonly string[] Usual = ["DIRECT_URL", "DIRECT_DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"];

    private static readonly string[] Schemas = ["schema.prisma", "prisma/schema.prisma", "prisma.config.ts", "prisma.config.js", "prisma.config.mjs"];

    /// <summary>For the hint of a refusal; empty where none is known. Without the password.</summary>
    public static string Hint(DatabaseTarget pooled) =>
        Find(pooled, null).FirstOrDefault() is { } direct ? $"{direct.Variable} of {direct.Place} names the server directly: {direct.Target}." : "";

    /// <summary>
    /// Migrations go where the project's own tool takes them: Prisma Migrate uses <c>directUrl</c>. The database has to have the same name; which URL
    /// is used is said.
    /// </summary>
    /// <param name="path">The migrations.</param>
    /// <returns>The target itself, unless it is a pooler that is refused and the project has a direct URL.</returns>
    public static async Task<DatabaseTarget> ForMigrationsAsync(DatabaseTarget target, string path, IOperationEvents events, CancellationToken ct)
    {
        if (target.Container is not null || Find(target, path).FirstOrDefault(d => d.IsOfProject) is not { } direct)
            return target;
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

    private static IEnumerable<DirectAddress> Find(DatabaseTarget pooled, string? path)
    {
        var file = pooled.EnvFile is { } envFile ? Values(envFile) : new Dictionary<string, string>();
        foreach (var (start, isOfProject) in new[] { (path, true), (pooled.EnvFile, true), (CurrentFolder(), false) })
        {
            if (string.IsNullOrEmpty(start) || FindSchema(start) is not { } schema)
                continue;
            foreach (var (variable, literal) in Named(schema))
            {
                if (Same(pooled, literal) is { } stated)
                    yield return new DirectAddress("directUrl", schema, stated, isOfProject);
                foreach (var found in variable is null ? [] : Found(pooled, variable, file, schema))
                    yield return found with { IsOfProject = isOfProject };
            }
        }

        foreach (var found in Usual.SelectMany(name => Found(pooled, name, file, null)))
            yield return found;
    }

    private static IEnumerable<DirectAddress> Found(DatabaseTarget pooled, string variable, IReadOnlyDictionary<string, string> file, string? schema)
    {
        if (Same(pooled, file.GetValueOrDefault(variable)) is { } named)
            yield return new DirectAddress(variable, pooled.EnvFile!, named, true);
        if (Same(pooled, Environment.GetEnvironmentVariable(variable)) is { } own)
            yield return new DirectAddress(variable, "the environment", own, false);
        if (schema is null)
            yield break;
        // Where Prisma looks for them: beside the schema and in the project's folder.
        var folder = Path.GetDirectoryName(schema)!;
        foreach (var path in new[] { Path.Combine(folder, ".env"), Path.Combine(Path.GetDirectoryName(folder) ?? folder, ".env") }.Where(File.Exists))
        {
            if (Same(pooled, Values(path).GetValueOrDefault(variable)) is { } direct)
                yield return new DirectAddress(variable, path, direct, true);
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

    /// <summary>The nearest one, from a path up to the repository's folder.</summary>
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

    private static IEnumerable<(string? Variable, string? Literal)> Named(string schema)
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

        var pattern = schema.EndsWith(".prisma", StringComparison.Ordinal) ? SchemaPattern() : ConfigPattern();
        return pattern.Matches(text).Select(m => (m.Groups["name"] is { Success: true } name ? name.Value : null, m.Groups["url"] is { Success: true } url ? url.Value : null));
    }

    [GeneratedRegex("""^[ \t]*directUrl[ \t]*=[ \t]*(?:env\([ \t]*"(?<name>\w+)"[ \t]*\)|"(?<url>[^"\r\n]+)")""", RegexOptions.Multiline)]
    private static partial Regex SchemaPattern();

    /// <summary>From Prisma 7 on the URL for Prisma Migrate is in its configuration file.</summary>
    [GeneratedRegex("""^(?![ \t]*//).*?\b(?:url|directUrl)[ \t]*:[ \t]*(?:env(?:<[^>]*>)?\([ \t]*["'](?<name>\w+)|process\.env(?:\.|\[["'])(?<name>\w+))""", RegexOptions.Multiline)]
    private static partial Regex ConfigPattern();
}
