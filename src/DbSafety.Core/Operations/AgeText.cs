using System.Globalization;

namespace DbSafety.Operations;

/// <summary>Formats ages for a person.</summary>
public static class AgeText
{
    /// <summary><c>30 days</c>, <c>1.5 days</c>, <c>12 hours</c>, <c>20 minutes</c>.</summary>
    public static string Of(TimeSpan age)
    {
        var (number, unit) = age.TotalDays >= 1 ? (age.TotalDays, "day") : age.TotalHours >= 1 ? (age.TotalHours, "hour") : (age.TotalMinutes, "minute");
        var text = number.ToString("0.#", CultureInfo.InvariantCulture);
        return $"{text} {unit}{(text == "1" ? "" : "s")}";
    }
}
