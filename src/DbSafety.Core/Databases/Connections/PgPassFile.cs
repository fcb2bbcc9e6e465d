using System.Text;
using DbSafety.Databases.Connections.Text;

namespace DbSafety.Databases.Connections;

/// <summary>libpq's password file (https://www.postgresql.org/docs/current/libpq-pgpass.html).</summary>
internal static class PgPassFile
{
    /// <summary>The password of the first line that fits, or null.</summary>
    /// <param name="path">libpq's <c>passfile</c>; null: the usual one.</param>
    public static string? Find(DatabaseTarget target, string? path)
    {
        path ??= ProcessVariables.HomeFile(".pgpass", "pgpass.conf");
        // As libpq does, a file that others can read is not used.
        if (!File.Exists(path) || (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111) != 0))
            return null;
        var port = target.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var host = target.Host == DatabaseTargets.DefaultSocketFolder ? "localhost" : target.Host;
        try
        {
            return File.ReadLines(path)
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(Fields)
                .FirstOrDefault(f => f.Count >= 5 && Fits(f[0], host) && Fits(f[1], port) && Fits(f[2], target.Database) && Fits(f[3], target.Username)) is { } found ? Plain(found[4]) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Fits(string field, string value) => field == "*" || Plain(field) == value;

    /// <summary>Between colons without a backslash in front; the password ends at one, too.</summary>
    private static List<string> Fields(string line)
    {
        var (fields, start) = (new List<string>(), 0);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
                i++;
            else if (line[i] == ':')
            {
                fields.Add(line[start..i]);
                start = i + 1;
            }
        }

        fields.Add(line[start..]);
        return fields;
    }

    private static string Plain(string field)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
            plain.Append(field[i] == '\\' && i + 1 < field.Length ? field[++i] : field[i]);
        return plain.ToString();
    }
}
