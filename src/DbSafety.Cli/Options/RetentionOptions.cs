using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DbSafety.Backups.Retention;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety backup remove</c>.</summary>
internal sealed class RetentionOptions
{
    private readonly Argument<string> folder = new("folder");
    private readonly Option<int> last = new("--keep-last") { Description = "The number of newest sets to keep." };
    private readonly Option<int> daily = new("--keep-daily") { Description = "The number of days (UTC) with a set for which the newest set of the day is kept." };
    private readonly Option<int> weekly = new("--keep-weekly") { Description = "The number of weeks (ISO 8601) with a set for which the newest set of the week is kept." };
    private readonly Option<int> monthly = new("--keep-monthly") { Description = "The number of months with a set for which the newest set of the month is kept." };
    private readonly Option<TimeSpan?> olderThan = new("--older-than") { Description = "Remove only sets older than this: 30d, 12h, 8w, or d.hh:mm:ss.", CustomParser = Age };
    private readonly Option<string?> database = new("--database") { Description = "Only sets of this database. Default: each database separately." };
    private readonly Option<string?> environment = new("--environment") { Description = "Only sets of this environment. Default: each environment separately." };

    public void AddTo(Command command)
    {
        command.Add(folder);
        foreach (var option in new Option[] { last, daily, weekly, monthly, olderThan, database, environment })
            command.Add(option);
    }

    public RetentionRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(folder), new RetentionPolicy
    {
        KeepLast = parsed.GetValue(last),
        KeepDaily = parsed.GetValue(daily),
        KeepWeekly = parsed.GetValue(weekly),
        KeepMonthly = parsed.GetValue(monthly),
        OlderThan = parsed.GetValue(olderThan),
    })
    {
        Database = parsed.GetValue(database),
        Environment = parsed.GetValue(environment),
    };

    public static TimeSpan? Age(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        var days = text.Length > 1 ? text[^1] switch { 'h' => 1 / 24.0, 'd' => 1, 'w' => 7, _ => 0 } : 0;
        if (days > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 36_500 && number * days * 24 >= 1)
            return TimeSpan.FromDays(number * days);
        // TimeSpan reads a bare number as days; the user may have meant another unit.
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var age) && age >= TimeSpan.FromHours(1))
            return age;
        result.AddError($"'{text}' is not an age of at least one hour: specify 30d, 12h, 8w, or d.hh:mm:ss");
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
