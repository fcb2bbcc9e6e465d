namespace DbSafety.Databases;

/// <summary>libpq's password file (https://www.postgresql.org/docs/current/libpq-pgpass.html).</summary>
internal static class PgPassFile
{
    /// <summary>The password of the first line that fits, or null.</summary>
    public static string? Find(DatabaseTarget target)
    {
        var path = Environment.GetEnvironmentVariable("PGPASSFILE") is { Length: > 0 } named ? named
            : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", "pgpass.conf")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass");
        // As libpq does, a file that others can read is not used.
        if (!File.Exists(path) || (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111) != 0))
            return null;
        var port = target.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var host = target.Host.StartsWith('/') ? "localhost" : target.Host;
        return File.ReadLines(path)
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(Fields)
            .FirstOrDefault(f => f.Count == 5 && Fits(f[0], host) && Fits(f[1], port) && Fits(f[2], target.Database) && Fits(f[3], target.Username))?[4];
    }

    private static bool Fits(string field, string value) => field == "*" || field == value;

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length)
                field.Append(line[++i]);
            else if (line[i] == ':' && fields.Count < 4)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(line[i]);
        }

        fields.Add(field.ToString());
        return fields;
    }
}
