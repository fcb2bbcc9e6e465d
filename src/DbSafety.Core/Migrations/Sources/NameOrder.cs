using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>Whether the names of plain SQL files say in which order they run. Numbers after one word that all names begin with do; names of months and days before years do not.</summary>
internal static partial class NameOrder
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>What all names have before their number; empty: a name begins with its number, or they differ.</summary>
    public static string CommonWord(IReadOnlyCollection<string> names) =>
        names.Select(n => BeforeNumber().Match(n).Value).Distinct(StringComparer.Ordinal).ToList() is [{ Length: > 0 } word] && names.Count > 1 ? word : "";

    /// <summary>The name before its first number; null: the name has none, or begins with it.</summary>
    public static string? WordOf(string name) => BeforeNumber().Match(name) is { Success: true, Length: > 0 } match ? match.Value : null;

    /// <summary>Two files whose order is not certain, and why; null: the order of all is.</summary>
    /// <param name="ordered">The names in the order in which they would run.</param>
    /// <param name="isNumbered">By the number that each begins with, after a common word or not.</param>
    public static string? Unknown(IReadOnlyList<string> ordered, bool isNumbered)
    {
        if (ordered.Count < 2)
            return null;
        if (!isNumbered && ByNumber(ordered) is { } numbers)
            return numbers;
        return Disagrees(ordered, n => ByMonth(n)) is { } months ? $"{months} have names of months, which do not sort as text"
            : (Disagrees(ordered, n => Day(n, 0, 1)) ?? Disagrees(ordered, n => Day(n, 1, 0))) is { } days ? $"{days} have dates that do not begin with the year"
            : null;
    }

    /// <summary>Each has a number of its own somewhere in its name, or some have a word in common before it, and text sorts them differently.</summary>
    private static string? ByNumber(IReadOnlyList<string> ordered)
    {
        // Numbers after the same word are compared as numbers.
        for (var i = 1; i < ordered.Count; i++)
        {
            if (string.CompareOrdinal(ordered[i - 1], ordered[i]) > 0)
                return $"{ordered[i - 1]} and {ordered[i]} sort by number in one way and as text in the other";
        }

        return Disagrees(ordered, n => Number().Match(n) is { Success: true } match ? BigInteger.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null) is { } pair
            ? $"{pair} sort by number in one way and as text in the other" : null;
    }

    /// <summary>The first two neighbours that a key of each name sorts in the other way; null: none, or a name has no such key.</summary>
    private static string? Disagrees(IReadOnlyList<string> ordered, Func<string, BigInteger?> key)
    {
        var keys = ordered.Select(key).ToList();
        // One name without a date among others makes of the others' dates no other numbers.
        var known = Enumerable.Range(0, ordered.Count).Where(i => keys[i] is not null).ToList();
        if (known.Count < 2 || known.Count * 2 < ordered.Count)
            return null;
        for (var i = 1; i < known.Count; i++)
        {
            if (keys[known[i - 1]] > keys[known[i]])
                return $"{ordered[known[i - 1]]} and {ordered[known[i]]}";
        }

        return null;
    }

    private static BigInteger? ByMonth(string name)
    {
        if (MonthDate().Match(name) is not { Success: true } match)
            return null;
        var year = match.Groups["year"].Value is { Length: > 0 } y ? int.Parse(y, CultureInfo.InvariantCulture) % 100 : 0;
        var day = match.Groups["day"].Value is { Length: > 0 } d ? int.Parse(d, CultureInfo.InvariantCulture) : 0;
        return year * 10000 + (Array.IndexOf(Months, match.Groups["month"].Value[..3].ToLowerInvariant()) + 1) * 100 + day;
    }

    /// <summary>The day of a name that begins with day, month and year, or with month, day and year.</summary>
    private static BigInteger? Day(string name, int day, int month)
    {
        if (YearLast().Match(name) is not { Success: true } match)
            return null;
        int[] parts = [int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)];
        return parts[day] is >= 1 and <= 31 && parts[month] is >= 1 and <= 12 ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) * 10000 + parts[month] * 100 + parts[day] : null;
    }

    [GeneratedRegex(@"^[^0-9]+(?=[0-9])")]
    private static partial Regex BeforeNumber();

    [GeneratedRegex(@"(?<![A-Za-z0-9])v?([0-9]+)(?![A-Za-z0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?:(?<day>[0-9]{1,2})[._\s-]?|(?<year>[0-9]{4})[._\s-]?)?(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?:[._\s-]?(?<day>[0-9]{1,2})(?![0-9]))?(?:[._\s-]?(?<year>[0-9]{4}|(?<=[0-9][._\s-]?[A-Za-z]+[._\s-]?)[0-9]{2})(?![0-9]))?(?![A-Za-z])", RegexOptions.IgnoreCase)]
    private static partial Regex MonthDate();

    [GeneratedRegex(@"^([0-9]{1,2})(?:[._\s-]|(?=[0-9]{6}[^0-9]))([0-9]{1,2})[._\s-]?((?:19|20)[0-9]{2})(?![0-9])")]
    private static partial Regex YearLast();
}
