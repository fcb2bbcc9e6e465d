using System.Globalization;

namespace DbSafety.Operations;

/// <summary>Formats ages for a person, and reads them.</summary>
public static class AgeText
{
    /// <summary>Hours are at most 23: TimeSpan.Parse reads <c>26:00:00</c> as 26 days.</summary>
    private static readonly string[] Spans = [@"h\:mm", @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF", @"d\.h\:mm", @"d\.h\:mm\:ss", @"d\.h\:mm\:ss\.FFFFFFF"];

    /// <summary><c>12h</c>, <c>30d</c>, <c>8w</c>, <c>12:00:00</c>, <c>1.02:00:00</c>; null: it is not an age, or not certainly one.</summary>
    public static TimeSpan? Read(string text)
    {
        var hours = text.Length > 1 ? text[^1] switch { 'h' => 1, 'd' => 24, 'w' => 168, _ => 0 } : 0;
        if (hours > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * hours <= 36_500 * 24)
            return TimeSpan.FromHours(number * hours);
        return TimeSpan.TryParseExact(text, Spans, CultureInfo.InvariantCulture, out var span) ? span : null;
    }

    /// <summary><c>30 days</c>, <c>1.5 days</c>, <c>12 hours</c>, <c>20 minutes</c>.</summary>
    public static string Of(TimeSpan age)
    {
        var (number, unit) = age.TotalDays >= 1 ? (age.TotalDays, "day") : age.TotalHours >= 1 ? (age.TotalHours, "hour") : (age.TotalMinutes, "minute");
        var text = number.ToString("0.#", CultureInfo.InvariantCulture);
        return $"{text} {unit}{(text == "1" ? "" : "s")}";
    }
}
