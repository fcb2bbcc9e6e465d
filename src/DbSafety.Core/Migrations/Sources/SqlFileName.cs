using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>The kind of file that its name indicates.</summary>
internal enum SqlFileRole
{
    /// <summary>To be run, once.</summary>
    Forward,

    /// <summary>Undoes another file; never run.</summary>
    Undo,

    /// <summary>A copy of another file of the folder; never run.</summary>
    Copy,

    /// <summary>For a database system other than PostgreSQL; never run.</summary>
    OtherDatabase,

    /// <summary>Flyway's <c>R__name.sql</c>, run whenever it has changed.</summary>
    Repeatable,
}

/// <summary>
/// The name of a SQL file: <c>001_x.sql</c>, <c>20240101120000-x.up.sql</c>, and Flyway's <c>V1.2__x.sql</c>, <c>U1.2__x.sql</c>,
/// <c>R__x.sql</c> (https://documentation.red-gate.com/fd/migrations-184127470.html).
/// </summary>
/// <param name="Version">Its number, part by part; empty where there is none.</param>
internal sealed partial record SqlFileName(string Name, SqlFileRole Role, IReadOnlyList<BigInteger> Version)
{
    private static readonly HashSet<string> Undo = ["down", "dn", "undo", "rollback", "revert", "downgrade", "backward", "backwards", "reverse", "uninstall", "unapply", "backout", "rb", "rbk", "bwd", "demigrate"];

    private static readonly HashSet<string> Forward = ["up", "do", "upgrade", "forward", "deploy", "apply", "install", "fwd", "migrate"];

    /// <summary><c>rollback_script_for_a</c>.</summary>
    private static readonly HashSet<string> Between = ["script", "for", "of", "the", "migration"];

    private static readonly HashSet<string> CopyWords = ["copy", "old", "orig", "original", "bak", "backup", "save", "saved", "tmp"];

    /// <summary>Where it is in the order of plain SQL files: its number, parts after _ or - too, and dates of whatever form as dates.</summary>
    public IReadOnlyList<BigInteger> Place => field ??= [.. PlaceOf()];

    /// <summary>By this plain SQL files are sorted: their place, in which a date is its year, month and day, so that 2024, 2024-01-31 and 2024-01-32 are in one order.</summary>
    public IReadOnlyList<BigInteger> Key => field ??= IsDated ? [.. DateParts(Place[0]), .. Place.Skip(1)] : Place;

    /// <summary>The word before the number that all names of the folder begin with; empty: the name begins with its number, if it has one.</summary>
    public string Word { get; private init; } = "";

    public string AfterWord => Name[Word.Length..];

    /// <summary>By this two files have the same number: 1a and 1b do not.</summary>
    public string Number => $"{string.Join('.', Place)}{Letter().Match(AfterWord).Groups[1].Value.ToLowerInvariant()}";

    /// <summary>Its number is a day or the time of one.</summary>
    public bool IsDated => Place is [var day, ..] && IsDate(day);

    /// <summary>It begins with a year only: the rest of the name can contain more of the date, which is not known.</summary>
    public bool IsYear => Place is [var year] && year > 1990 && year < 2100;

    /// <summary>Its number is a day, of which there can be several files.</summary>
    public bool IsDay => Place is [var day] && IsDate(day);

    /// <summary>The words of its name, without its ending.</summary>
    public IReadOnlyList<string> Words => field ??= [.. Separators().Split(Ending().Replace(Name, "").ToLowerInvariant()).Where(w => w.Length > 0)];

    /// <summary>The name without the file's ending, and without words that say in which direction it goes.</summary>
    private string Stem => string.Join(' ', Words.Where(w => !Forward.Contains(w)));

    /// <summary>Of one name by itself: only what no migration is called undoes another.</summary>
    public static SqlFileName Read(string name)
    {
        if (name.StartsWith("R__", StringComparison.Ordinal))
            return new SqlFileName(name, SqlFileRole.Repeatable, []);
        var match = FlywayVersion().Match(name) is { Success: true } flyway ? flyway : Digits().Match(name);
        var version = match.Success ? match.Groups[1].Value.Split('.', '_').Select(BigInteger.Parse) : [];
        return new SqlFileName(name, UndoMark().IsMatch(name) || FlywayUndo().IsMatch(name) ? SqlFileRole.Undo : OtherDatabase().IsMatch(name) ? SqlFileRole.OtherDatabase : SqlFileRole.Forward, [.. version]);
    }

    /// <summary>The same name, with its number after a word.</summary>
    public SqlFileName Behind(string word) => new(Name, Role, Version) { Word = word };

    /// <summary>Of the names in one folder: one that is another's with a word for undoing undoes that one, and one with a word for a copy is its copy.</summary>
    public static IReadOnlyList<SqlFileName> ReadAll(IEnumerable<string> names)
    {
        var all = names.Select(Read).ToList();
        var stems = all.Where(n => n.Role == SqlFileRole.Forward).GroupBy(n => n.Stem, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        bool HasPartner(SqlFileName name, IEnumerable<string> rest) => stems.TryGetValue(string.Join(' ', rest.Where(w => !Forward.Contains(w))), out var found) && found.Exists(f => f != name);
        SqlFileRole Role(SqlFileName name)
        {
            if (name.Role != SqlFileRole.Forward)
                return name.Role;
            for (var i = 0; i < name.Words.Count; i++)
            {
                var rest = name.Words.Where((_, at) => at != i);
                if (Undo.Contains(name.Words[i]) && HasPartner(name, rest))
                    return SqlFileRole.Undo;
                if (i > 0 && CopyWords.Contains(name.Words[i]) && i == name.Words.Count - 1 && HasPartner(name, rest))
                    return SqlFileRole.Copy;
            }

            return CopyNumber().Match(name.Name) is { Success: true } copy && HasPartner(name, Read(copy.Groups[1].Value).Words) ? SqlFileRole.Copy : SqlFileRole.Forward;
        }

        return [.. all.Select(n => n with { Role = Role(n) })];
    }

    /// <summary>
    /// The file that this one undoes by its name, whatever their numbers are: <c>901_rollback_x</c> beside <c>001_x</c>, <c>2_x_down</c> beside <c>1_x_up</c>, <c>001r_x</c> beside <c>001_x</c>,
    /// <c>1.1-1.0</c> beside <c>1.0-1.1</c>. Null: none.
    /// </summary>
    public SqlFileName? Undone(IReadOnlyList<SqlFileName> all)
    {
        if (Letter().Match(AfterWord) is { Success: true } letter && letter.Groups[1].Value.ToLowerInvariant() is "r" or "d" or "u" && Without(letter.Groups[1]) is var plain && all.FirstOrDefault(o => o.Name.Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } same)
            return same;
        if (Range().Match(Name) is { Success: true } range && SqlFileOrder.Compare(Parts(range.Groups[1]), Parts(range.Groups[2])) > 0
            && all.FirstOrDefault(o => Range().Match(o.Name) is { Success: true } other && other.Groups[1].Value == range.Groups[2].Value && other.Groups[2].Value == range.Groups[1].Value) is { } back)
        {
            return back;
        }

        var words = Described(this);
        foreach (var i in new[] { 0, words.Count - 1 }.Where(i => i >= 0 && i < words.Count && Undo.Contains(words[i])))
        {
            var rest = words.Where((w, at) => at != i && !Forward.Contains(w) && !Between.Contains(w)).ToList();
            // A file with a later number was created later, possibly again.
            var undone = all.FirstOrDefault(o => o != this && SqlFileOrder.Compare(o.Place, Place) <= 0 && Described(o) is var others && others.Where(w => !Forward.Contains(w) && !Between.Contains(w)).SequenceEqual(rest) && (rest.Count > 0 || others.Exists(Forward.Contains)));
            if (undone is not null)
                return undone;
        }

        return null;

        string Without(Group part) => Name[..(Word.Length + part.Index)] + Name[(Word.Length + part.Index + part.Length)..];
        static List<string> Described(SqlFileName name) => [.. name.Words.Where(w => !w.TrimStart('v').All(char.IsAsciiDigit))];
        static List<BigInteger> Parts(Group version) => [.. version.Value.Split('.').Select(BigInteger.Parse)];
    }

    private IEnumerable<BigInteger> PlaceOf()
    {
        if (FlywayVersion().IsMatch(Name) || PlaceDigits().Match(IsoTime().Replace(AfterWord, m => m.Groups[1].Value + m.Groups[2].Value + m.Groups[3].Value + m.Groups[4].Value + m.Groups[5].Value + m.Groups[6].Value.PadRight(2, '0'))) is not { Success: true } match)
            return Version;
        if (NamePeriod.Of(AfterWord) is { } period)
            return period.Place;
        var parts = NotDigits().Split(match.Groups[1].Value).Select(BigInteger.Parse).ToList();
        if (parts.Count < Version.Count)
            return Version;
        // 2024-12-1 is the day that 20241201 is, and 20241201093000 a time of it.
        if (parts.Count >= 3 && parts[0].ToString().Length == 4 && parts[0] * 10000 + parts[1] * 100 + parts[2] is var day && IsDate(day))
            return [day, .. parts.Skip(3)];
        return [.. TimeOf(parts[0]) ?? [parts[0]], .. parts.Skip(1)];
    }

    /// <summary>
    /// The day and the time that a number is: 2024060109 and 20240601093000, and Unix time in seconds, milliseconds or microseconds, so that the files of a
    /// project that went over from one to the other stay in their order. Null: it is none.
    /// </summary>
    private static BigInteger[]? TimeOf(BigInteger number)
    {
        var digits = number.ToString();
        if (digits.Length is 10 or 12 or 14 && BigInteger.Parse(digits[..8]) is var date && IsDate(date))
            return [date, BigInteger.Parse(digits[8..].PadRight(6, '0'))];
        // With milliseconds or microseconds.
        if (digits.Length is 17 or 20 && BigInteger.Parse(digits[..8]) is var moment && IsDate(moment))
            return [moment, BigInteger.Parse(digits[8..14]), BigInteger.Parse(digits[14..].PadRight(6, '0'))];
        if (digits.Length is not (10 or 13 or 16) || digits[0] != '1')
            return null;
        var time = DateTimeOffset.FromUnixTimeSeconds(long.Parse(digits[..10], CultureInfo.InvariantCulture)).UtcDateTime;
        return [time.Year * 10000 + time.Month * 100 + time.Day, time.Hour * 10000 + time.Minute * 100 + time.Second, .. digits.Length > 10 ? [BigInteger.Parse(digits[10..].PadRight(6, '0'))] : Array.Empty<BigInteger>()];
    }

    private static BigInteger[] DateParts(BigInteger date) => [date / 10000, date / 100 % 100, date % 100];

    private static bool IsDate(BigInteger number) => number > 19_900_000 && number < 21_000_000 && number / 100 % 100 is var month && month >= 1 && month <= 12 && number % 100 is var day && day >= 1 && day <= 31;

    [GeneratedRegex(@"\.(down|dn|undo|rollback|rbk|revert|downgrade|backwards?|bwd|reverse|d)\.sql$|^(down|undo|rollback|revert|downgrade|unapply|backout)[._-]|^[0-9][^.]*\.(down|undo|rollback|revert)[._]", RegexOptions.IgnoreCase)]
    private static partial Regex UndoMark();

    /// <summary>001_a.mysql.sql, beside which 001_a.postgres.sql is PostgreSQL's.</summary>
    [GeneratedRegex(@"\.(mysql|mariadb|sqlite3?|mssql|sqlserver|tsql|oracle|plsql|db2|h2|hsqldb|firebird|clickhouse|snowflake|bigquery)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherDatabase();

    [GeneratedRegex(@"^U[0-9]+([._][0-9]+)*__")]
    private static partial Regex FlywayUndo();

    [GeneratedRegex(@"^V([0-9]+(?:[._][0-9]+)*)__")]
    public static partial Regex FlywayVersion();

    [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)*)(?=[^0-9])")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^v?([0-9]+(?:[._-][0-9]+(?![0-9A-Za-z]))*)(?=[^0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex PlaceDigits();

    [GeneratedRegex(@"[^0-9]+")]
    private static partial Regex NotDigits();

    [GeneratedRegex(@"^v?[0-9]+([A-Za-z])[._\s-]", RegexOptions.IgnoreCase)]
    private static partial Regex Letter();

    /// <summary>2024-01-02T09-30-00Z, with or without what separates its parts.</summary>
    [GeneratedRegex(@"^v?([0-9]{4})-?([0-9]{2})-?([0-9]{2})T([0-9]{2})[-:.]?([0-9]{2})(?:[-:.]?([0-9]{2}))?(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?=[._\s-])", RegexOptions.IgnoreCase)]
    private static partial Regex IsoTime();

    /// <summary>From one version to another.</summary>
    [GeneratedRegex(@"^v?([0-9]+(?:\.[0-9]+)*)(?:--?|_to_|-to-|_)v?([0-9]+(?:\.[0-9]+)*)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex Range();

    [GeneratedRegex(@"[._\s()-]+")]
    private static partial Regex Separators();

    [GeneratedRegex(@"\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();

    [GeneratedRegex(@"^(.*?\S)\s*\([0-9]+\)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex CopyNumber();
}

/// <summary>Of plain SQL files: by their numbers and dates, then by name; files that begin with none come last, by name and by the numbers after the same word.</summary>
internal sealed class PlainOrder : IComparer<string>
{
    public static PlainOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (first, second) = (SqlFileName.Read(x ?? ""), SqlFileName.Read(y ?? ""));
        if (first.Place.Count == 0 && second.Place.Count == 0 && NameOrder.WordOf(first.Name) is { } word && word == NameOrder.WordOf(second.Name))
            (first, second) = (first.Behind(word), second.Behind(word));
        var (left, right) = (first.Key, second.Key);
        if (left.Count == 0 || right.Count == 0)
            return left.Count == right.Count ? string.CompareOrdinal(x, y) : left.Count == 0 ? 1 : -1;
        return SqlFileOrder.Compare(left, right) is var difference and not 0 ? difference : string.CompareOrdinal(x, y);
    }
}

/// <summary>By version, number by number (2 before 10, 1 before 1.1), then by name; files without one come last.</summary>
internal sealed class SqlFileOrder : IComparer<string>
{
    public static SqlFileOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (SqlFileName.Read(x ?? "").Version, SqlFileName.Read(y ?? "").Version);
        if (left.Count == 0 || right.Count == 0)
            return left.Count == right.Count ? string.CompareOrdinal(x, y) : left.Count == 0 ? 1 : -1;
        return Compare(left, right) is var difference and not 0 ? difference : string.CompareOrdinal(x, y);
    }

    /// <summary>Of two versions, number by number.</summary>
    public static int Compare(IReadOnlyList<BigInteger> left, IReadOnlyList<BigInteger> right)
    {
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            // V1 and V1.0 are one version to Flyway.
            var difference = (i < left.Count ? left[i] : 0).CompareTo(i < right.Count ? right[i] : 0);
            if (difference != 0)
                return difference;
        }

        return 0;
    }
}
