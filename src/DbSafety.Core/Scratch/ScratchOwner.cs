using System.Diagnostics;
using System.Globalization;

namespace DbSafety.Scratch;

/// <summary>Names the process a throwaway thing belongs to, so that a left-over is told from one in use.</summary>
internal static class ScratchOwner
{
    /// <summary>Process id and start time; process ids are used again.</summary>
    public static string Mark()
    {
        using var self = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture, $"{self.Id} {self.StartTime.ToUniversalTime().Ticks}");
    }

    public static bool IsAlive(string mark)
    {
        try
        {
            var parts = mark.Split(' ');
            using var process = Process.GetProcessById(int.Parse(parts[0], CultureInfo.InvariantCulture));
            // Start times are told to a hundredth of a second only.
            return Math.Abs(process.StartTime.ToUniversalTime().Ticks - long.Parse(parts[1], CultureInfo.InvariantCulture)) < TimeSpan.TicksPerSecond;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
