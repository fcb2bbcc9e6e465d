using System.Globalization;

namespace DbSafety.Tools;

/// <summary>The command line that installs the PostgreSQL server programs on this system.</summary>
public static class PackageInstall
{
    /// <summary>The options that suppress all questions of each package manager; empty for those that never ask.</summary>
    private static readonly Dictionary<string, string[]> Unasked = new(StringComparer.Ordinal)
    {
        ["apt-get"] = ["--yes", "--no-install-recommends"], ["dnf"] = ["--assumeyes"], ["apk"] = [], ["pacman"] = ["--noconfirm"], ["zypper"] = ["--non-interactive"],
        ["brew"] = [], ["winget"] = ["--accept-package-agreements", "--accept-source-agreements"],
    };

    private static readonly string[] ReleaseFiles = ["/etc/os-release", "/usr/lib/os-release"];

    /// <param name="package">As Debian calls it.</param>
    /// <param name="major">Null: the default version of the system.</param>
    public static string Line(string package, int? major)
    {
        if (OperatingSystem.IsWindows())
            return $"winget install PostgreSQL.PostgreSQL.{Number(major ?? 18)}";
        if (OperatingSystem.IsMacOS())
            return $"brew install postgresql@{Number(major ?? 18)}";
        var release = ReleaseFiles.FirstOrDefault(File.Exists) is { } file ? File.ReadAllText(file) : "";
        return ForLinux(release, package, major);
    }

    /// <summary>The commands that install without questions, in order; empty if no package manager of this system is known.</summary>
    /// <param name="line">The result of <see cref="Line"/>.</param>
    /// <param name="needsRoot">Whether they require root.</param>
    internal static IReadOnlyList<string[]> Commands(string line, out bool needsRoot)
    {
        var words = line.Split(' ');
        needsRoot = words[0] is not ("brew" or "winget");
        if (!Unasked.TryGetValue(words[0], out var options))
            return [];
        // zypper takes it before its own command, the others anywhere.
        string[] install = words[0] == "zypper" ? [words[0], .. options, .. words[1..]] : [.. words, .. options];
        // A new machine or container has no package lists yet.
        return words[0] switch { "apt-get" => [["apt-get", "update"], install], "apk" => [["apk", "update"], install], _ => [install] };
    }

    /// <param name="release">The content of os-release (https://www.freedesktop.org/software/systemd/man/latest/os-release.html).</param>
    internal static string ForLinux(string release, string package, int? major)
    {
        var families = release.Split('\n')
            .Where(l => l.StartsWith("ID=", StringComparison.Ordinal) || l.StartsWith("ID_LIKE=", StringComparison.Ordinal))
            .SelectMany(l => l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim().Trim('"').Split(' '))
            .ToHashSet(StringComparer.Ordinal);
        var numbered = major is null ? package : $"{package}-{Number(major.Value)}";
        return families switch
        {
            _ when families.Overlaps(["debian", "ubuntu"]) => $"apt-get install {numbered}",
            _ when families.Overlaps(["fedora", "rhel", "centos"]) => "dnf install postgresql-server",
            _ when families.Contains("alpine") => $"apk add {package}{(major is null ? "" : Number(major.Value))}",
            _ when families.Contains("arch") => $"pacman -S {package}",
            _ when families.Overlaps(["suse", "opensuse"]) => "zypper install postgresql-server",
            _ => $"the package {package} of this system, or Docker",
        };
    }

    private static string Number(int major) => major.ToString(CultureInfo.InvariantCulture);
}
