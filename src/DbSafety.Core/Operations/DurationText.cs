using System.Globalization;

namespace DbSafety.Operations;

/// <summary>Formats durations for a person.</summary>
public static class DurationText
{
    /// <summary><c>120 ms</c>, <c>4.2 s</c>, <c>3 min 20 s</c>, <c>1 h 05 min</c>.</summary>
    public static string Of(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } d => $"{d.Minutes} min {d.Seconds:00} s",
        { } d => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(d.TotalHours):0} h {d.Minutes:00} min"),
    };
}
