using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Hands one section of a plain dump on to psql: the bytes as they are, without what must not or cannot run where a database is restored
/// beside the live one: psql's own commands, statements about databases by name, and what <c>--clean</c> drops.
/// </summary>
/// <param name="subscriptions">Gets the statements about subscriptions, which are not handed on then; null: they are handed on.</param>
/// <param name="isLeftOut">Statements that its reader needs no more; null: none.</param>
internal sealed partial class PlainFeed(Stream target, string database, ICollection<string>? subscriptions = null, Func<string, bool>? isLeftOut = null)
{
    private bool copying;

    /// <summary>The statement is complete.</summary>
    /// <param name="raw">Its bytes, each a character.</param>
    public void Pass(PlainSection section, string text, string raw)
    {
        copying = section.Database == database && Runs(section, text);
        if (copying && subscriptions is not null && SubscriptionPattern().IsMatch(text))
        {
            subscriptions.Add(text);
            copying = false;
        }

        if (copying)
            target.Write(DumpText.Raw.GetBytes(raw));
    }

    /// <summary>Rows of the COPY that came last, and their end mark.</summary>
    public void Data(ReadOnlySpan<byte> data)
    {
        if (copying)
            target.Write(data);
    }

    private bool Runs(PlainSection section, string text)
    {
        if (DatabasePattern().IsMatch(text) || isLeftOut?.Invoke(text) == true)
            return false;
        if (section.Head is not { HasEntries: false, IsComplete: false } head || PreamblePattern().IsMatch(text))
            return true;
        // What --clean drops is not there in a new database, but for the schema that every database begins with. It stands before everything else.
        head.HasEntries = !CleanPattern().IsMatch(text);
        return head.HasEntries;
    }

    [GeneratedRegex(@"\A\s*((CREATE|DROP|ALTER) DATABASE\b|ALTER ROLE\b[^']* IN DATABASE\b|COMMENT ON DATABASE\b|SECURITY LABEL\b[^']* ON DATABASE\b|(GRANT|REVOKE)\b[^']* ON DATABASE\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    internal static partial Regex DatabasePattern();

    [GeneratedRegex(@"\A\s*((CREATE|ALTER|DROP) SUBSCRIPTION\b|COMMENT ON SUBSCRIPTION\b|SECURITY LABEL\b[^']* ON SUBSCRIPTION\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SubscriptionPattern();

    [GeneratedRegex(@"\A(SET |SELECT pg_catalog\.set_config\(|DROP SCHEMA (IF EXISTS )?public;)")]
    private static partial Regex PreamblePattern();

    // Large objects are unlinked, and a view that others need is replaced by one without them.
    [GeneratedRegex(@"\A(?:DROP |ALTER [^;']*\bDROP |SELECT (?:pg_catalog\.)?lo_unlink\(|CREATE OR REPLACE VIEW [^;']* AS\s+SELECT\s+NULL::)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CleanPattern();
}
