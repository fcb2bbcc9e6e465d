using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DbSafety.Backups.Retention;
using DbSafety.Operations;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety backup remove</c>.</summary>
internal sealed class RetentionOptions
{
    private readonly Argument<string> folder = new("folder");
    private readonly Option<int> last = new("--keep-last") { Description = "The number of newest sets to keep." };
    private readonly Option<int> hourly = new("--keep-hourly") { Description = "The number of hours (UTC) with a set for which the newest set of the hour is kept." };
    private readonly Option<int> daily = new("--keep-daily") { Description = "The number of days (UTC) with a set for which the newest set of the day is kept." };
    private readonly Option<int> weekly = new("--keep-weekly") { Description = "The number of weeks (ISO 8601) with a set for which the newest set of the week is kept." };
    private readonly Option<int> monthly = new("--keep-monthly") { Description = "The number of months with a set for which the newest set of the month is kept." };
    private readonly Option<int> yearly = new("--keep-yearly") { Description = "The number of years with a set for which the newest set of the year is kept." };
    private readonly Option<string[]> labels = new("--keep-label") { Description = "Never remove sets with this label; can be specified several times.", DefaultValueFactory = _ => [] };
    private readonly Option<TimeSpan?> olderThan = new("--older-than") { Description = "Remove only sets older than this: 30d, 12h, 8w, or d.hh:mm:ss.", CustomParser = Age };
    private readonly Option<long?> maxSize = new("--max-size") { Description = "The size of all sets together, such as 50GB: the oldest are removed, even if a rule keeps them, until the others fit.", CustomParser = Size };
    private readonly Option<string?> database = new("--database") { Description = "Only sets of this database. Default: each database separately." };
    private readonly Option<string?> environment = new("--environment") { Description = "Only sets of this environment. Default: each environment separately." };

    public void AddTo(Command command)
    {
        command.Add(folder);
        foreach (var option in new Option[] { last, hourly, daily, weekly, monthly, yearly, labels, olderThan, maxSize, database, environment })
            command.Add(option);
    }

    public RetentionRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(folder), new RetentionPolicy
    {
        KeepLast = parsed.GetValue(last),
        KeepHourly = parsed.GetValue(hourly),
        KeepDaily = parsed.GetValue(daily),
        KeepWeekly = parsed.GetValue(weekly),
        KeepMonthly = parsed.GetValue(monthly),
        KeepYearly = parsed.GetValue(yearly),
        KeepLabels = parsed.GetRequiredValue(labels),
        OlderThan = parsed.GetValue(olderThan),
        MaxBytes = parsed.GetValue(maxSize),
    })
    {
        Database = parsed.GetValue(database),
        Environment = parsed.GetValue(environment),
    };

    public static TimeSpan? Age(ArgumentResult result) => Age(result, TimeSpan.FromHours(1));

    /// <param name="least">A shorter age is refused, because it often decides what is removed.</param>
    public static TimeSpan? Age(ArgumentResult result, TimeSpan least)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (AgeText.Read(text) is { } age && age >= least)
            return age;
        result.AddError($"'{text}' is not an age of at least one {(least.TotalHours >= 1 ? "hour" : "minute")}: specify 30d, 12h, 8w, or d.hh:mm:ss with at most 23 hours, such as 1.02:00:00 for 26h");
        return null;
    }

    /// <summary>Bytes, with a unit: a bare number would be a size that nearly every set exceeds.</summary>
    private static long? Size(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        var unit = text.Length > 2 ? text[^2..].ToUpperInvariant() switch { "MB" => 1L << 20, "GB" => 1L << 30, "TB" => 1L << 40, _ => 0 } : 0;
        if (unit > 0 && double.TryParse(text[..^2].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 1_000_000 && number * unit >= 1L << 20)
            return (long)(number * unit);
        result.AddError($"'{text}' is not a size of at least 1 MB: specify 500MB, 50GB or 1.5TB");
        return null;
    }

    /// <summary>A number of days, at least one hour: a shorter time would drop a database that has just been retained.</summary>
    public static double? Days(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days * 24 >= 1 && days < 36_500)
            return days;
        result.AddError($"'{text}' is not a number of days of at least one hour in total, such as 7 or 0.5");
        return null;
    }
}
