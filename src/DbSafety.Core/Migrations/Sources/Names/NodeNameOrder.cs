using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Names;

/// <summary>The order in which node-pg-migrate has names with the same number: JavaScript's <c>localeCompare</c> without punctuation, numbers as numbers, upper case after lower case (comparators.ts).</summary>
internal sealed partial class NodeNameOrder : IComparer<string>
{
    public static NodeNameOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parts(x ?? ""), Parts(y ?? ""));
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (ComparePart(left[i], right[i]) is var difference and not 0)
                return difference;
        }

        return left.Count != right.Count ? left.Count.CompareTo(right.Count) : -string.CompareOrdinal(x, y);
    }

    /// <summary>Symbols, numbers, letters.</summary>
    private static int ComparePart(string x, string y)
    {
        var (left, right) = (Kind(x[0]), Kind(y[0]));
        return left != right ? left.CompareTo(right)
            : left == 1 ? BigInteger.Parse(x, CultureInfo.InvariantCulture).CompareTo(BigInteger.Parse(y, CultureInfo.InvariantCulture))
            : string.Compare(x, y, StringComparison.OrdinalIgnoreCase);
    }

    private static int Kind(char c) => char.IsAsciiDigit(c) ? 1 : char.IsLetter(c) ? 2 : 0;

    private static List<string> Parts(string name) => [.. Part().Matches(name).Select(m => m.Value)];

    /// <summary>A number, or one other character; punctuation and blanks do not count.</summary>
    [GeneratedRegex(@"[0-9]+|[^\p{P}\s]")]
    private static partial Regex Part();
}
