using System.ComponentModel;
using System.Diagnostics;

namespace DbSafety.Audit;

/// <summary>Whether the process of a line still runs.</summary>
internal static class LoggedProcess
{
    /// <summary>The clock ticks in which start times are counted.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    public static bool IsRunning(LogLine line) =>
        line.Machine == Environment.MachineName && Start(line.ProcessId) is { } start && (start - line.ProcessStart).Duration() < Tolerance;

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
