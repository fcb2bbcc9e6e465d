using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>libpq's connection service file (https://www.postgresql.org/docs/current/libpq-pgservice.html).</summary>
internal static class PgServiceFile
{
    /// <summary>The settings of one service.</summary>
    /// <exception cref="DbSafetyException"><c>DBS105</c> the service does not exist, or its lines are invalid; <c>DBS124</c>.</exception>
    public static ConnectionSettings Read(string service)
    {
        if (PostgresUrl.IsOneOrHasDriver(service) || service.Contains('=', StringComparison.Ordinal))
            throw ErrorCatalogue.TargetInvalid.For("the service", "it is a connection string, not a name");
        foreach (var path in Files().Where(File.Exists))
        {
            if (Read(path, service) is { } settings)
                return settings;
        }

        throw ErrorCatalogue.TargetInvalid.For($"the service {service}", $"it is not in {string.Join(" or ", Files())}");
    }

    private static ConnectionSettings? Read(string path, string service)
    {
        ConnectionSettings? settings = null;
        var number = 0;
        foreach (var line in Lines(path).Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '[')
            {
                if (settings is not null)
                    return settings;
                if (line.StartsWith($"[{service}]", StringComparison.Ordinal))
                    settings = new ConnectionSettings($"the service {service} of {path}");
            }
            else if (settings is not null)
                Add(settings, line, number);
        }

        return settings;
    }

    /// <summary>If two lines have the same keyword, the first is used.</summary>
    private static void Add(ConnectionSettings settings, string line, int number)
    {
        if (line.Split('=', 2) is not [var keyword, var value] || keyword == "service")
            throw ErrorCatalogue.TargetInvalid.For(settings.Name, line.StartsWith("ldap", StringComparison.OrdinalIgnoreCase) ? "a lookup in LDAP is not supported" : $"line {number} is not keyword=value");
        if (settings[keyword] is null)
            settings.Add(keyword, value, position: number);
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.TargetInvalid.Because(e, path, "it cannot be read");
        }
    }

    private static IEnumerable<string> Files()
    {
        yield return ProcessVariables.Of("PGSERVICEFILE") is { Length: > 0 } named ? named : ProcessVariables.HomeFile(".pg_service.conf", ".pg_service.conf");
        // libpq was built with one of these: Debian's, the PGDG's RPMs', Homebrew's and the source's own.
        var folders = ProcessVariables.Of("PGSYSCONFDIR") is { Length: > 0 } set ? [set]
            : OperatingSystem.IsMacOS() ? ["/opt/homebrew/etc/postgresql", "/usr/local/etc/postgresql", "/usr/local/pgsql/etc"]
            : OperatingSystem.IsWindows() ? Array.Empty<string>()
            : ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];
        foreach (var folder in folders)
            yield return Path.Combine(folder, "pg_service.conf");
    }
}
