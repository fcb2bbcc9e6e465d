using System.Globalization;
using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Counts the rows that an UPDATE or a DELETE would touch, and the values that an UPDATE would overwrite.</summary>
internal static class LiveRows
{
    /// <summary>How many rows a condition fits, where a query for it may be run.</summary>
    public static async Task<LiveAnswer> FittingAsync(NpgsqlTransaction transaction, string? condition, CancellationToken ct) =>
        new(true, condition is not null && await SafeCount.TryAsync<string>(transaction, $"SELECT count(*)::text FROM {condition}", withOwn: false, ct) is { } count ? long.Parse(count, CultureInfo.InvariantCulture) : null);

    /// <summary>
    /// Where the touched rows cannot be told from others it is the values of all rows; so it is where earlier statements of the set may have changed which rows these are, and the
    /// values are replaced by nothing.
    /// </summary>
    public static async Task<LiveAnswer> OverwrittenAsync(NpgsqlTransaction transaction, LiveQuestion question, LiveOverwrite overwrite, CancellationToken ct)
    {
        var touched = !question.Proves && overwrite.Nulled.Count > 0 ? null : await CountAsync(transaction, overwrite.Touched, overwrite.Columns, ct);
        var all = await CountAsync(transaction, overwrite.All, touched is null ? overwrite.Columns : [], ct);
        if (all is null)
            return new LiveAnswer(true, null);
        var counted = touched ?? all;
        var values = overwrite.Columns.Zip(counted.Skip(1)).GroupBy(c => c.First.Name, StringComparer.Ordinal).ToDictionary(c => c.Key, c => c.First().Second, StringComparer.Ordinal);
        var lost = overwrite.Columns.Count == 0 ? counted[0] : values.Values.Sum();
        return new LiveAnswer(true, lost) { Overwritten = new LiveOverwritten(touched?[0], all[0], values) };
    }

    /// <summary>The rows, and the values of each column.</summary>
    private static async Task<long[]?> CountAsync(NpgsqlTransaction transaction, string? from, IReadOnlyList<LiveColumn> columns, CancellationToken ct) =>
        from is null ? null : await SafeCount.TryAsync<long[]>(transaction, $"SELECT ARRAY[count(*){string.Concat(columns.Select(c => $", count({c.Sql})"))}] FROM {from}", withOwn: false, ct);
}
