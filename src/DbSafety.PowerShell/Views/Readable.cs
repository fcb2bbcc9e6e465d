using System.Globalization;
using System.Management.Automation;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Views;

/// <summary>Formats numbers for the format views; the objects keep the exact numbers.</summary>
public static class Readable
{
    /// <summary>Powers of 1024, as PowerShell's own <c>1MB</c>: <c>7.6 MB</c>.</summary>
    public static string Size(long? bytes) => bytes is { } size ? ByteSize.Text(size) : "";

    /// <summary><c>120 ms</c>, <c>4.2 s</c>, <c>3 min 20 s</c>, <c>1 h 05 min</c>.</summary>
    public static string Duration(TimeSpan? duration) => duration is { } known ? DurationText.Of(known) : "";

    /// <summary><c>2.5 days</c>, <c>12 hours</c>, <c>20 minutes</c>.</summary>
    public static string Age(TimeSpan? age) => age is { } known ? AgeText.Of(known) : "";

    /// <summary>UTC, as in the names of sets: <c>2026-11-20 02:15:00Z</c>. A deserialised time has only its parts.</summary>
    public static string Time(object? time) => time switch
    {
        DateTimeOffset moment => Time(moment.UtcDateTime),
        DateTime moment => moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        PSObject { BaseObject: DateTimeOffset or DateTime } whole => Time(whole.BaseObject),
        PSObject parts => Time(parts.Properties[nameof(DateTimeOffset.UtcDateTime)]?.Value),
        _ => "",
    };

    /// <summary>The colour of <c>$PSStyle.Foreground</c> for a state, a severity or a verdict; empty: none.</summary>
    public static string Colour(object? state) => state?.ToString() switch
    {
        "Fail" or "Failed" or "Interrupted" or "False" or "Damaged" or "Destructive" or "Refused" or "Modified" or "Missing" or "OutOfOrder" or "NoScript" or "RolledBack" or "Restored" => "BrightRed",
        "Warn" or "Unknown" or "Running" or "Cancelled" or "Incomplete" or "Excerpt" or "Foreign" or "Blocking" or "MayFail" or "Breaking" or "Opaque" or "Pending" or "Unlisted" or "Skipped" => "BrightYellow",
        "Pass" or "Succeeded" or "True" or "Intact" or "Applied" or "Done" => "BrightGreen",
        _ => "",
    };

    /// <summary><c>1,234,567</c>.</summary>
    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "";
}
