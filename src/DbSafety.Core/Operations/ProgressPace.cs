using System.Globalization;

namespace DbSafety.Operations;

/// <summary>How fast one activity goes and how long it will take, from the progress it reports.</summary>
public sealed class ProgressPace(TimeProvider? clock = null)
{
    /// <summary>Before that nothing can be said about the rest.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly long started = (clock ?? TimeProvider.System).GetTimestamp();
    private string status = "";
    private long? bytes;

    /// <summary>0 to 1, as last reported; null where the end is not known.</summary>
    public double? Fraction { get; private set; }

    /// <summary>What is left at the pace so far; null in the first second, and where the end is not known.</summary>
    public TimeSpan? Left => Elapsed >= Least && Fraction is > 0 and < 1 ? Elapsed * ((1 - Fraction.Value) / Fraction.Value) : null;

    /// <summary><c>public.orders, 312 MB, 98 MB/s</c>, in millions of bytes.</summary>
    public string Status => bytes is not { } done
        ? status
        : string.Create(CultureInfo.InvariantCulture, $"{status}{(status.Length > 0 ? ", " : "")}{done / 1e6:N0} MB{(Elapsed >= Least ? $", {done / 1e6 / Elapsed.TotalSeconds:N0} MB/s" : "")}");

    private TimeSpan Elapsed => clock.GetElapsedTime(started);

    public void Take(ProgressEvent next)
    {
        status = next.Status.Length > 0 ? next.Status : status;
        Fraction = next.Fraction ?? Fraction;
        bytes = next.Bytes ?? bytes;
    }
}
