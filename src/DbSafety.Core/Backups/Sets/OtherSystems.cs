using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>Recognises dumps of other database systems by their first lines. psql would also fail, but its error does not explain the cause.</summary>
internal static partial class OtherSystems
{
    /// <exception cref="DbSafetyException"><c>DBS227</c>.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> head)
    {
        if (SystemOf(Encoding.Latin1.GetString(head)) is { } system)
            throw ErrorCatalogue.DumpOfOtherSystem.For(path, system);
    }

    private static string? SystemOf(string head) =>
        MySqlPattern().IsMatch(head) ? "MySQL or MariaDB"
        : head.StartsWith("SQLite format 3\0", StringComparison.Ordinal) || SqlitePattern().IsMatch(head) ? "SQLite"
        : SqlServerPattern().IsMatch(head) ? "SQL Server"
        : null;

    // mysqldump, mysqlpump, phpMyAdmin, Adminer, HeidiSQL; comments that only MySQL executes.
    [GeneratedRegex(@"^(?:-- (?:MySQL dump |MariaDB dump |phpMyAdmin SQL Dump|Adminer [\d.]+ MySQL|Dump created by MySQL)|/\*!\d{5} SET |/\*M!\d+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MySqlPattern();

    [GeneratedRegex(@"\APRAGMA foreign_keys\s*=\s*OFF;\s*BEGIN TRANSACTION;", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SqlitePattern();

    [GeneratedRegex(@"^USE \[[^\]]+\]\s*\r?\nGO\b", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SqlServerPattern();
}
