using System.Globalization;

namespace DbSafety.Tools.Isolation;

/// <summary>
/// The Unix sockets with a path on which programs of this machine listen, in every network namespace that <c>/proc</c> shows: a network namespace lists its own
/// only, but a socket's path leads to it from each of them, by whatever path this mount namespace sees its folder.
/// </summary>
internal static class ListeningSockets
{
    private const int Listens = 0x10000;

    /// <returns>Paths as this process sees them.</returns>
    public static IReadOnlySet<string> Paths()
    {
        var found = Listed("self").ToHashSet(StringComparer.Ordinal);
        var (own, here) = (Namespaces("self"), MountPoint.Of("self"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc").Select(p => Path.GetFileName(p)!).Where(p => char.IsAsciiDigit(p[0])))
        {
            try
            {
                // Another user's namespaces have no names that can be read, but can be listed.
                var namespaces = Namespaces(process);
                if (namespaces is not null && (namespaces == own || !seen.Add(namespaces)))
                    continue;
                var paths = Listed(process).ToList();
                var mounts = paths.Count == 0 ? "" : File.ReadAllText($"/proc/{process}/mountinfo");
                if (paths.Count == 0 || (namespaces is null && !seen.Add(string.Join('\n', paths) + mounts)))
                    continue;
                var there = MountPoint.Parse(mounts);
                found.UnionWith(paths.SelectMany(p => MountPoint.Translate(p, there, here)).Where(p => File.Exists(p) && LinuxCalls.IsSocket(p)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has exited.
            }
        }

        return found;
    }

    /// <summary>Num RefCount Protocol Flags Type St Inode Path; names of the abstract namespace begin with @ and belong to the network namespace.</summary>
    private static IEnumerable<string> Listed(string process)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/net/unix").Skip(1))
        {
            var words = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 8 && words[7].StartsWith('/') && int.TryParse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags) && (flags & Listens) != 0)
                yield return words[7];
        }
    }

    private static string? Namespaces(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/net").LinkTarget is { } net && new FileInfo($"/proc/{process}/ns/mnt").LinkTarget is { } mount ? net + mount : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
