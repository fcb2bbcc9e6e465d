using DbSafety.Errors;

namespace DbSafety.Databases;

/// <summary>libpq's connection service file (https://www.postgresql.org/docs/current/libpq-pgservice.html).</summary>
internal static class PgServiceFile
{
    /// <summary>The settings of one service; nothing for null.</summary>
    public static IReadOnlyDictionary<string, string> Read(string? service)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (service is null)
            return settings;
        foreach (var path in Files().Where(File.Exists))
        {
            var inside = false;
            foreach (var line in File.ReadLines(path).Select(l => l.Trim()))
            {
                if (line.StartsWith('['))
                {
                    if (inside)
                        return settings;
                    inside = line == $"[{service}]";
                }
                else if (inside && line.Length > 0 && line[0] != '#' && line.Split('=', 2) is [var key, var value])
                    settings[key.Trim()] = value.Trim();
            }

            if (inside)
                return settings;
        }

        throw ErrorCatalogue.TargetInvalid.For("PGSERVICE", $"there is no service '{service}' in {string.Join(" or ", Files())}");
    }

    private static IEnumerable<string> Files()
    {
        yield return Environment.GetEnvironmentVariable("PGSERVICEFILE") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pg_service.conf");
        yield return Path.Combine(Environment.GetEnvironmentVariable("PGSYSCONFDIR") ?? "/etc/postgresql-common", "pg_service.conf");
    }
}
