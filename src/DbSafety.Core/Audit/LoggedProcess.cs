using System.ComponentModel;
using System.Diagnostics;

namespace DbSafety.Audit;

/// <summary>Whether the process of a line still runs.</summary>
internal static class LoggedProcess
{
    /// <summary>The clock ticks in which start times are counted.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    public static bool IsRunning(LogLine line) =>
        line.Machine == Environment.MachineName && (line.ProcessKey is { } key
            ? Key(line.ProcessId) == key
            : Start(line.ProcessId) is { } start && (start - line.ProcessStart).Duration() < Tolerance);

    /// <summary>
    /// The boot, and the start of the process in clock ticks since then (proc_pid_stat(5), field 22). The start time that .NET computes changes with the clock.
    /// Null: this is not Linux, or there is no such process.
    /// </summary>
    public static string? Key(int id)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // The name of the program, in parentheses, can contain spaces.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{fields[19]}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In UTC; null: there is no such process, or it belongs to another user and is not shown.</summary>
    public static DateTimeOffset? Start(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited ? null : DateTimeOffset.FromUnixTimeMilliseconds(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds());
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
