using System.Text;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The order of JavaScript's <c>localeCompare</c>, by which Prisma's command line sorts the folders: punctuation, digits, letters;
/// upper and lower case apart only where nothing else differs, lower first (Unicode's root collation, for ASCII). Where letters beyond ASCII are placed depends on the language
/// that Node.js runs in: in Swedish ä comes after z.
/// </summary>
internal sealed class PrismaOrder : IComparer<string>
{
    private const string Punctuation = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

    public static PrismaOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (x ?? "", y ?? "");
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var difference = Weight(left[i]).CompareTo(Weight(right[i]));
            if (difference != 0)
                return difference;
        }

        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : -string.CompareOrdinal(left, right);
    }

    /// <summary>Two names whose order depends on the language; null: there are none.</summary>
    public static (string First, string Second)? Unknown(IReadOnlyList<string> names)
    {
        foreach (var first in names.Where(n => !Ascii.IsValid(n)))
        {
            if (names.FirstOrDefault(n => n != first && !IsKnown(first, n)) is { } second)
                return Instance.Compare(first, second) < 0 ? (first, second) : (second, first);
        }

        return null;
    }

    /// <summary>They differ before the first letter beyond ASCII, and before the character that an accent after it could belong to.</summary>
    private static bool IsKnown(string x, string y)
    {
        var end = Math.Min(Plain(x), Plain(y)) - 1;
        for (var i = 0; i < end; i++)
        {
            if (Weight(x[i]) != Weight(y[i]))
                return true;
        }

        // All of the shorter one is the beginning of the other.
        return end == Math.Min(x.Length, y.Length);
    }

    /// <summary>How many characters come before the first one beyond ASCII.</summary>
    private static int Plain(string name) => name.TakeWhile(char.IsAscii).Count() is var count && count == name.Length ? count + 1 : count;

    private static int Weight(char c) =>
        Punctuation.IndexOf(c, StringComparison.Ordinal) is var mark and >= 0 ? mark
        : char.IsAsciiDigit(c) ? 100 + c
        : 1000 + char.ToLowerInvariant(c);
}
