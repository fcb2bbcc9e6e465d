using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using DbSafety.Migrations.Sources.Names;

namespace DbSafety.Migrations.Sources;

/// <summary>Whether the names of plain SQL files define an order. Numbers after a word that all names begin with do; names of months and days before years do not.</summary>
internal static partial class NameOrder
{
    public const string MonthNames = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>The word that all names have before their number; empty: a name begins with its number, or the words differ.</summary>
    public static string CommonWord(IReadOnlyCollection<string> names) =>
        names.Select(n => BeforeNumber().Match(n).Value).Distinct(StringComparer.Ordinal).ToList() is [{ Length: > 0 } word] && names.Count > 1 ? word : "";

    /// <summary>The name before its first number; null: the name has none, or begins with it.</summary>
    public static string? WordOf(string name) => BeforeNumber().Match(name) is { Success: true, Length: > 0 } match ? match.Value : null;

    /// <summary>1 to 12, of a month's name or its beginning.</summary>
    public static int Month(string name) => Array.IndexOf(Months, name[..3].ToLowerInvariant()) + 1;

    /// <summary>Two files whose order is not certain, and why; null: the order of all files is certain.</summary>
    /// <param name="ordered">The names in the order in which they would run.</param>
    public static string? Unknown(IReadOnlyList<string> ordered)
    {
        if (ordered.Count < 2)
            return null;
        var word = ordered.Any(n => SqlFileName.Read(n).Place.Count > 0) ? "" : CommonWord(ordered);
        var names = ordered.Select(n => SqlFileName.Read(n).Behind(word)).ToList();
        if (!names.Exists(n => n.Place.Count > 0) && (ByNumber(ordered) ?? NameSequence.Against(ordered)) is { } numbers)
            return numbers;
        if (Hexadecimal(names) is { } hexadecimal)
            return hexadecimal;
        // Names that begin with a year are ordered by what follows, if it is known.
        var rest = ordered.Where(n => NamePeriod.Of(n) is null).ToList();
        return SameYear(names) ?? Overlap(names) ?? WithinYear(names) ?? OtherLengths(names)
            ?? (Disagrees(rest, n => ByMonth(n)) is { } months ? $"{months} have names of months, which do not sort correctly as text"
            : (Disagrees(rest, n => Day(n, 0, 1)) ?? Disagrees(rest, n => Day(n, 1, 0)) ?? Disagrees(rest, YearBehind)) is { } days ? $"{days} have dates that do not begin with the year"
            : null);
    }

    /// <summary>The same for the migrations of a folder, which are ordered by name only if they are plain SQL files.</summary>
    public static string? Unknown(MigrationFolder folder, IEnumerable<PgMigration> migrations) => folder.Source == MigrationSource.Sql ? Unknown([.. migrations.Select(m => m.Name)]) : null;

    /// <summary>The name has a date that does not begin with the year: its first number is part of the date.</summary>
    public static bool HasDateInside(string name) => NamePeriod.Of(name) is null && (ByMonth(name) is not null && char.IsAsciiDigit(name[0]) || Day(name, 0, 1) is not null || Day(name, 1, 0) is not null || YearBehind(name) is not null);

    private static string? SameYear(List<SqlFileName> names) =>
        names.Where(n => n.IsYear).GroupBy(n => n.Number, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } same
            ? $"{same.First().Name} and {same.ElementAt(1).Name} begin with the same year, and no number follows it" : null;

    /// <summary>A day or another period is in a quarter, a week or a month.</summary>
    private static string? Overlap(List<SqlFileName> names)
    {
        foreach (var name in names)
        {
            if (NamePeriod.Of(name.AfterWord) is { } period && names.Find(o => o.IsDated && NamePeriod.Of(o.AfterWord) is var other && o.Place[0] >= period.Start && o.Place[0] < period.End && (other?.Start, other?.End) != (period.Start, period.End)) is { } within)
                return $"{within.Name} has a date that {name.Name} covers, too";
        }

        return null;
    }

    /// <summary>A year or a month, and a day in it: text can sort them differently, and the year can be followed by a number of unknown meaning.</summary>
    private static string? WithinYear(List<SqlFileName> names)
    {
        foreach (var whole in names.Where(n => !n.IsDated && n.Place is [var year, ..] && year > 1990 && year < 2100))
        {
            if (names.Find(o => o.IsDated && o.Key.Count > whole.Key.Count && o.Key.Take(whole.Key.Count).SequenceEqual(whole.Key) && string.CompareOrdinal(whole.Name, o.Name) > 0) is { } within)
                return $"{within.Name} has a date that {whole.Name} covers, too";
        }

        return null;
    }

    /// <summary>
    /// Names that begin with hexadecimal digits of one length, of which some have letters: <c>0009</c>, <c>000a</c>, <c>0010</c>. As a decimal number with a letter after it (<c>9a</c> beside <c>9</c>)
    /// such a name has another place.
    /// </summary>
    private static string? Hexadecimal(List<SqlFileName> names)
    {
        var all = names.Select(n => (Name: n, Digits: HexadecimalDigits().Match(n.AfterWord).Groups[1].Value)).Where(n => n.Digits.Length > 0).ToList();
        var known = all.Select(a => a.Digits).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, digits) in all.Where(a => a.Name.Place.Count > 0 && !a.Digits.All(char.IsAsciiDigit) && !known.Contains(a.Digits[..^1])))
        {
            foreach (var (other, otherDigits) in all.Where(o => o.Digits.Length == digits.Length))
            {
                var byText = string.Compare(digits, otherDigits, StringComparison.OrdinalIgnoreCase);
                var byKey = SqlFileOrder.Compare(name.Key, other.Key);
                if (byText != 0 && (other.Place.Count == 0 || (byKey != 0 && byText > 0 != byKey > 0)))
                    return $"{(byText < 0 ? name : other).Name} and {(byText < 0 ? other : name).Name} begin with hexadecimal numbers or with text, which do not sort as decimal numbers";
            }
        }

        return null;
    }

    /// <summary>A name without a number whose first part is hexadecimal as the ones of numbered names are.</summary>
    public static bool IsHexadecimalAmong(string name, IEnumerable<string> numbered) =>
        HexadecimalDigits().Match(name).Groups[1].Value is { Length: > 1 } digits && numbered.Any(n => HexadecimalDigits().Match(n).Groups[1].Value is var other && other.Length == digits.Length && !other.All(char.IsAsciiDigit));

    /// <summary>Numbers of other lengths, of which one at least is long and no date: in the order of numbers they come in another order than as text.</summary>
    private static string? OtherLengths(List<SqlFileName> names)
    {
        foreach (var odd in names.Where(n => !n.IsDated && Digits(n) >= 4))
        {
            foreach (var other in names.Where(o => Digits(o) >= 4 && (Digits(o) != Digits(odd) ? o.IsDated || Digits(o) >= 9 || Digits(odd) >= 9 : o.IsDated && odd.Place is [var number, ..] && number >= 2100)))
            {
                var (byPlace, byText) = (SqlFileOrder.Compare(odd.Place, other.Place), string.CompareOrdinal(odd.Name, other.Name));
                if (byPlace > 0 != byText > 0 || byPlace > 0 != SqlFileOrder.Compare(odd.Key, other.Key) > 0)
                    return $"{(byPlace < 0 ? odd : other).Name} and {(byPlace < 0 ? other : odd).Name} sort by number in one way and as text in the other";
            }
        }

        return null;
    }

    private static int Digits(SqlFileName name) => name.AfterWord.TrimStart('v', 'V').TakeWhile(char.IsAsciiDigit).Count();

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

    /// <summary>The first two adjacent names that the key sorts differently; null: none, or a name has no such key.</summary>
    private static string? Disagrees(IReadOnlyList<string> ordered, Func<string, BigInteger?> key)
    {
        var keys = ordered.Select(key).ToList();
        // A single name without a date does not change the meaning of the other names' dates.
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
        return year * 10000 + Month(match.Groups["month"].Value) * 100 + day;
    }

    /// <summary>The day of a name that begins with day, month and year, or with month, day and year.</summary>
    private static BigInteger? Day(string name, int day, int month)
    {
        if (YearLast().Match(name) is not { Success: true } match)
            return null;
        int[] parts = [int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)];
        return parts[day] is >= 1 and <= 31 && parts[month] is >= 1 and <= 12 ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) * 10000 + parts[month] * 100 + parts[day] : null;
    }

    /// <summary>Of a name that begins with a number and the year after it, as <c>02-2024</c> or <c>Q2_2024</c>.</summary>
    private static BigInteger? YearBehind(string name) =>
        NumberAndYear().Match(name) is { Success: true } match ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * 100 + int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^([0-9a-f]+)(?=[._\s-])", RegexOptions.IgnoreCase)]
    private static partial Regex HexadecimalDigits();

    [GeneratedRegex(@"^[^0-9]+(?=[0-9])")]
    private static partial Regex BeforeNumber();

    [GeneratedRegex(@"^[A-Za-z]*([0-9]{1,2})[._\s-]((?:19|20)[0-9]{2})(?![0-9])")]
    private static partial Regex NumberAndYear();

    [GeneratedRegex(@"(?<![A-Za-z0-9])v?([0-9]+)(?![A-Za-z0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?:(?<day>[0-9]{1,2})[._\s-]?|(?<year>[0-9]{4})[._\s-]?)?(?<month>" + MonthNames + @")(?:[._\s-]?(?<day>[0-9]{1,2})(?![0-9]))?(?:[._\s-]?(?<year>[0-9]{4}|(?<=[0-9][._\s-]?[A-Za-z]+[._\s-]?)[0-9]{2})(?![0-9]))?(?![A-Za-z])", RegexOptions.IgnoreCase)]
    private static partial Regex MonthDate();

    [GeneratedRegex(@"^([0-9]{1,2})(?:[._\s-]|(?=[0-9]{6}[^0-9]))([0-9]{1,2})[._\s-]?((?:19|20)[0-9]{2})(?![0-9])")]
    private static partial Regex YearLast();
}
