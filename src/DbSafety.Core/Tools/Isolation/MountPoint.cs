using System.Text.RegularExpressions;

namespace DbSafety.Tools.Isolation;

/// <summary>A line of <c>/proc/PID/mountinfo</c> (proc(5)).</summary>
/// <param name="Device">Major and minor number of the file system.</param>
/// <param name="Root">The path in that file system which is mounted.</param>
/// <param name="Path">Where the process sees it.</param>
internal sealed partial record MountPoint(string Device, string Root, string Path)
{
    public static IReadOnlyList<MountPoint> Of(string process) => Parse(File.ReadAllText($"/proc/{process}/mountinfo"));

    public static IReadOnlyList<MountPoint> Parse(string text) =>
        [.. text.Split('\n').Select(l => l.Split(' ')).Where(w => w.Length > 5).Select(w => new MountPoint(w[2], Plain(w[3]), Plain(w[4])))];

    /// <summary>The paths at which one mount namespace sees what another one sees at a path.</summary>
    public static IEnumerable<string> Translate(string path, IReadOnlyList<MountPoint> there, IReadOnlyList<MountPoint> here)
    {
        // Of those on the same folder, the last one is on top.
        if (there.Where(m => IsWithin(path, m.Path)).Reverse().MaxBy(m => m.Path.Length) is not { } mount)
            return [];
        var inside = Join(mount.Root, path[mount.Path.TrimEnd('/').Length..]);
        return here.Where(m => m.Device == mount.Device && IsWithin(inside, m.Root)).Select(m => Join(m.Path, inside[m.Root.TrimEnd('/').Length..]));
    }

    public static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);

    private static string Join(string folder, string rest) => rest.Length == 0 ? folder : folder.TrimEnd('/') + rest;

    /// <summary>Blanks and backslashes are written in octal.</summary>
    private static string Plain(string word) => Octal().Replace(word, m => ((char)Convert.ToInt32(m.Value[1..], 8)).ToString());

    [GeneratedRegex(@"\\[0-7]{3}")]
    private static partial Regex Octal();
}
