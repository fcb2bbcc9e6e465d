using System.Diagnostics;
using System.Globalization;

namespace DbSafety.Tools;

/// <summary>Names the process that owns a temporary server or folder, so that abandoned ones can be distinguished from those in use.</summary>
internal static class ScratchOwner
{
    /// <summary>Process id and start time, since process ids are reused; on Linux also the start time since boot.</summary>
    public static string Mark()
    {
        using var self = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture, $"{self.Id} {self.StartTime.ToUniversalTime().Ticks}{(OperatingSystem.IsLinux() ? $" {SinceBoot(self)}" : "")}");
    }

    public static bool IsAlive(string mark)
    {
        try
        {
            var parts = mark.Split(' ');
            using var process = Process.GetProcessById(int.Parse(parts[0], CultureInfo.InvariantCulture));
            // Changing the system clock must not make a running process look ended.
            if (parts.Length > 2 && OperatingSystem.IsLinux())
                return SinceBoot(process) == long.Parse(parts[2], CultureInfo.InvariantCulture);
            // Start times have a resolution of 10 ms.
            return Math.Abs(process.StartTime.ToUniversalTime().Ticks - long.Parse(parts[1], CultureInfo.InvariantCulture)) < TimeSpan.TicksPerSecond;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            return false; // It does not exist, or ended during the check.
        }
    }

    /// <summary>The 22nd field of /proc/PID/stat (proc(5)), in clock ticks.</summary>
    private static long SinceBoot(Process process)
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        // The second field is the program's name in parentheses and can contain any character.
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }
}
