namespace DbSafety.Analysis.Findings.Live;

/// <summary>
/// Types with a limit, as <c>format_type</c> writes them: whether PostgreSQL leaves out the function that applies the new limit, since every value within the old one
/// is within the new one (<c>varchar_support</c>, <c>numeric_support</c>, <c>varbit_support</c>, <c>interval_support</c> and <c>TemporalSimplify</c> in its source).
/// </summary>
internal static class LengthChange
{
    private const int FullPrecision = 6;

    /// <summary>From the finest on.</summary>
    private static readonly string[] Fields = ["second", "minute", "hour", "day", "month", "year"];

    /// <param name="from">The type of the value, with its limit where it has one.</param>
    /// <param name="to">The same type, with the new limit.</param>
    public static bool IsFree(string from, string to)
    {
        if (from == to)
            return true;
        var ((oldName, oldLimits), (name, limits)) = (Parts(from), Parts(to));
        if (name.StartsWith("interval", StringComparison.Ordinal) && !name.EndsWith(']'))
            return IsFreeInterval(oldName, oldLimits, name, limits);
        if (limits.Length == 0)
            return true;
        if (oldName != name)
            return false;
        return name switch
        {
            "character varying" or "bit varying" => oldLimits.Length == 1 && oldLimits[0] <= limits[0],
            "numeric" => oldLimits.Length > 0 && Scale(oldLimits) == Scale(limits) && oldLimits[0] <= limits[0],
            "timestamp without time zone" or "timestamp with time zone" or "time without time zone" or "time with time zone" =>
                limits[0] >= FullPrecision || (oldLimits.Length == 1 && oldLimits[0] <= limits[0]),
            _ => false,
        };
    }

    /// <summary><c>timestamp(3) without time zone</c> is <c>timestamp without time zone</c> and 3.</summary>
    public static (string Name, int[] Limits) Parts(string type)
    {
        var (open, close) = (type.IndexOf('(', StringComparison.Ordinal), type.IndexOf(')', StringComparison.Ordinal));
        if (open < 0 || close < open)
            return (type, []);
        var limits = type[(open + 1)..close].Split(',').Select(l => int.TryParse(l, out var limit) ? limit : int.MaxValue).ToArray();
        return (type[..open] + type[(close + 1)..], limits);
    }

    private static int Scale(int[] limits) => limits.Length > 1 ? limits[1] : 0;

    private static bool IsFreeInterval(string from, int[] limits, string to, int[] newLimits)
    {
        if (to == "interval" && newLimits.Length == 0)
            return true;
        var (least, newLeast) = (LeastField(from), LeastField(to));
        return newLeast <= least && (least > 0 || newLimits.Length == 0 || newLimits[0] >= FullPrecision || (limits.Length == 1 && limits[0] <= newLimits[0]));
    }

    private static int LeastField(string interval) => Math.Max(0, Array.IndexOf(Fields, interval[(interval.LastIndexOf(' ') + 1)..]));
}
