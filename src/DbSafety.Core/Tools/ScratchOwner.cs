using System.Diagnostics;
using System.Globalization;

namespace DbSafety.Tools;

/// <summary>Names the process a throwaway thing belongs to, so that a left-over is told from one in use.</summary>
internal static class ScratchOwner
{
    /// <summary>Process id and start time, since process ids are used again; on Linux the start as counted from the machine's start as well.</summary>
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
            // A clock that was set in between makes nobody look dead.
            if (parts.Length > 2 && OperatingSystem.IsLinux())
                return SinceBoot(process) == long.Parse(parts[2], CultureInfo.InvariantCulture);
            // Start times are told to a hundredth of a second only.
            return Math.Abs(process.StartTime.ToUniversalTime().Ticks - long.Parse(parts[1], CultureInfo.InvariantCulture)) < TimeSpan.TicksPerSecond;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            return false; // It is not there, or ended as it was looked at.
        }
    }

    /// <summary>The 22nd field of /proc/PID/stat (proc(5)), in clock ticks.</summary>
    private static long SinceBoot(Process process)
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        // The second field is the program's name in brackets, with whatever is in it.
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }
}
