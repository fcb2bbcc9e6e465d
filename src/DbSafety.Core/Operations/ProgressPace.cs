namespace DbSafety.Operations;

/// <summary>Estimates the speed and the remaining time of an activity from the progress it reports.</summary>
public sealed class ProgressPace(TimeProvider? clock = null)
{
    /// <summary>Before this time, the rest cannot be estimated.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly long started = (clock ?? TimeProvider.System).GetTimestamp();
    private string status = "";
    private long? bytes;

    /// <summary>0 to 1, as last reported; null if the end is unknown.</summary>
    public double? Fraction { get; private set; }

    /// <summary>The remaining time at the current speed; null in the first second, and if the end is unknown.</summary>
    public TimeSpan? Left => Elapsed >= Least && Fraction is > 0 and < 1 ? Elapsed * ((1 - Fraction.Value) / Fraction.Value) : null;

    /// <summary><c>public.orders, 312 MB, 98.2 MB/s</c>.</summary>
    public string Status => bytes is not { } done
        ? status
        : $"{status}{(status.Length > 0 ? ", " : "")}{ByteSize.Text(done)}{(Elapsed >= Least ? $", {ByteSize.Text(done / Elapsed.TotalSeconds)}/s" : "")}";

    private TimeSpan Elapsed => clock.GetElapsedTime(started);

    public void Take(ProgressEvent next)
    {
        status = next.Status.Length > 0 ? next.Status : status;
        Fraction = next.Fraction ?? Fraction;
        bytes = next.Bytes ?? bytes;
    }
}
