using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace DbSafety.Testing;

/// <summary>Waits for what a server or another process does.</summary>
public static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <exception cref="TimeoutException">It has not become true for five minutes.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(5))
        {
            if (clock.Elapsed > Limit)
                throw new TimeoutException($"waited {Limit.TotalMinutes:0} minutes until {what}");
        }
    }
}
