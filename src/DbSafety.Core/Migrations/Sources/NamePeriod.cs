using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>A quarter, half, week or month of a year, by which a file's name begins: <c>2024Q2_a</c>, <c>2024-W09_b</c>, <c>2024-feb_c</c>.</summary>
/// <param name="Start">Its first day, as 20240401.</param>
/// <param name="End">The first day after it.</param>
/// <param name="Part">A number that follows, as in <c>2024-feb-05</c>; null: none does.</param>
internal sealed partial record NamePeriod(BigInteger Start, BigInteger End, BigInteger? Part)
{
    /// <summary>Of its part of the name.</summary>
    public int Length { get; private init; }

    public IReadOnlyList<BigInteger> Place => Part is { } part ? [Start, part] : [Start];

    public static NamePeriod? Of(string name)
    {
        if (Period().Match(name) is not { Success: true } match)
            return null;
        var year = int.Parse(match.Groups["year"].Value, CultureInfo.InvariantCulture);
        var (start, end) = Days(match, year);
        return new NamePeriod(Number(start), Number(end), match.Groups["part"] is { Success: true } part ? BigInteger.Parse(part.Value, CultureInfo.InvariantCulture) : null) { Length = match.Length };
    }

    private static (DateTime Start, DateTime End) Days(Match match, int year)
    {
        int? Count(string group) => match.Groups[group] is { Success: true } found ? int.Parse(found.Value, CultureInfo.InvariantCulture) : null;
        if (Count("week") is { } week)
            return ISOWeek.ToDateTime(year, week, DayOfWeek.Monday) is var monday ? (monday, monday.AddDays(7)) : default;
        var months = Count("quarter") is not null ? 3 : Count("half") is not null ? 6 : 1;
        var first = new DateTime(year, (Count("quarter") ?? Count("half")) is { } n ? ((n - 1) * months) + 1 : NameOrder.Month(match.Groups["month"].Value), 1, 0, 0, 0, DateTimeKind.Unspecified);
        return (first, first.AddMonths(months));
    }

    private static BigInteger Number(DateTime day) => (day.Year * 10000) + (day.Month * 100) + day.Day;

    [GeneratedRegex(@"^v?(?<year>(?:19|20)[0-9]{2})[._\s-]?(?:q(?<quarter>[1-4])|h(?<half>[12])|(?:w|kw|cw|wk)(?<week>0?[1-9]|[1-4][0-9]|5[0-3])|(?<month>" + NameOrder.MonthNames + @"))(?![0-9A-Za-z])(?:[._\s-](?<part>[0-9]{1,9})(?![0-9A-Za-z]))?", RegexOptions.IgnoreCase)]
    private static partial Regex Period();
}
