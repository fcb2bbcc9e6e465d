namespace DbSafety.Backups.Dumps;

/// <summary>A file contains more than its dump, such as messages of pg_dump (<c>2&gt;&amp;1</c>) or another archive (<c>&gt;&gt;</c>).</summary>
/// <param name="what">What it is, and where.</param>
/// <param name="way">How to remove it.</param>
internal sealed class MoreThanDumpException(string what, string way) : DumpDamagedException(what)
{
    private const int Longest = 80;

    public string Way => way;

    /// <param name="line">Where it begins, from 1.</param>
    public static MoreThanDumpException Text(string text, long line) => new($"line {line:N0} is not an SQL statement: {Excerpt(text)}", $"Remove the text that is not SQL. {Messages}");

    /// <param name="next">Where the dump begins, from 1.</param>
    public static MoreThanDumpException Before(string text, long next, bool isLine) =>
        new($"text precedes it: {Excerpt(text)}", $"Remove it: tail -{(isLine ? 'n' : 'c')} +{next} FILE > NEW. {Messages}");

    /// <param name="length">Of the dump, in bytes.</param>
    public static MoreThanDumpException After(ReadOnlySpan<byte> data, long length) => data.StartsWith("PGDMP"u8)
        ? new($"another archive follows it after {length:N0} bytes", $"Split them: head -c {length} FILE > FIRST; tail -c +{length + 1} FILE > NEXT. Write each backup to a separate file (> instead of >>).")
        : new($"trailing data follows it after {length:N0} bytes: {Excerpt(DumpText.Raw.GetString(data[..Math.Min(data.Length, Longest * 2)]))}", $"Remove it: head -c {length} FILE > NEW. {Messages}");

    private const string Messages = "Write pg_dump's messages to a separate file (2> LOG instead of 2>&1).";

    private static string Excerpt(string text)
    {
        var line = string.Concat(text.TrimStart().TakeWhile(c => c is not ('\n' or '\r'))).TrimEnd();
        return string.Concat(line.Take(Longest).Select(c => char.IsControl(c) ? '?' : c)) + (line.Length > Longest ? "…" : "");
    }
}
