namespace DbSafety.Migrations.Sources;

/// <summary>
/// The order of JavaScript's <c>localeCompare</c>, by which Prisma's command line sorts the folders: punctuation, digits, letters;
/// upper and lower case apart only where nothing else differs, lower first (Unicode's root collation, for ASCII).
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

    private static int Weight(char c) =>
        Punctuation.IndexOf(c, StringComparison.Ordinal) is var mark and >= 0 ? mark
        : char.IsAsciiDigit(c) ? 100 + c
        : 1000 + char.ToLowerInvariant(c);
}
