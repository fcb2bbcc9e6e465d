using System.Runtime.InteropServices;

namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>What this thread has used of a processor (clock_gettime(3)): it does not grow while others use the machine.</summary>
internal static class ThreadTime
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of Linux.</summary>
    private const int ThreadClock = 3;

    public static TimeSpan Now =>
        Read(ThreadClock, out var time) == 0 ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : throw new InvalidOperationException("clock_gettime failed");

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static extern int Read(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);
}
