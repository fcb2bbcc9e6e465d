using System.Text.RegularExpressions;

namespace DbSafety.Docker.Mounts;

/// <summary>Linux's table of mounted file systems, <c>/proc/PID/mountinfo</c> (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).</summary>
internal static partial class MountTable
{
    /// <returns>The type of the file system that a path is on, such as <c>ext4</c>; null when the text is no such table.</returns>
    public static string? TypeOf(string table, string path)
    {
        // A later mount at the same place hides the earlier one.
        var nearest = table.Split('\n').Select(Parse).OfType<(string Place, string Type)>().Where(m => ContainerPath.IsAtOrAbove(m.Place, path)).OrderBy(m => m.Place.Length).LastOrDefault();
        return nearest.Type;
    }

    /// <summary>The fifth field is the place, the first one after the separator the type.</summary>
    private static (string Place, string Type)? Parse(string line)
    {
        var at = line.IndexOf(" - ", StringComparison.Ordinal);
        var (fields, rest) = at < 0 ? ([], []) : (line[..at].Split(' '), line[(at + 3)..].Split(' '));
        return fields.Length > 4 ? (Octal().Replace(fields[4], m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString()), rest[0]) : null;
    }

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
