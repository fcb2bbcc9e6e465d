using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Passes one section of a plain dump to psql: the bytes unchanged, without statements that must not or cannot run if a database is restored
/// to a new database: psql meta-commands, statements about databases by name, and what <c>--clean</c> drops.
/// </summary>
/// <param name="subscriptions">Gets the statements about subscriptions, which are then not passed on; null: they are passed on.</param>
/// <param name="isLeftOut">Statements that its reader no longer needs; null: none.</param>
/// <param name="tail">Holds back what ends the script; null: nothing.</param>
internal sealed partial class PlainFeed(Stream target, string database, ICollection<string>? subscriptions = null, Func<string, bool>? isLeftOut = null, ScriptTail? tail = null)
{
    private bool copying;

    /// <summary>The statement is complete.</summary>
    /// <param name="raw">Its bytes, each a character.</param>
    /// <param name="isSkipped">A restore of one database does not need it.</param>
    public void Pass(PlainSection section, string text, string raw, bool isSkipped)
    {
        copying = section.Database == database && !isSkipped && !DatabaseStatement.Is(text) && isLeftOut?.Invoke(text) != true;
        if (copying && subscriptions is not null && SubscriptionPattern().IsMatch(text))
        {
            subscriptions.Add(text);
            copying = false;
        }

        if (copying)
            target.Write(DumpText.Raw.GetBytes(tail is null ? raw : tail.Take(text, raw)));
    }

    /// <summary>Rows of the COPY that came last, and their end mark.</summary>
    public void Data(ReadOnlySpan<byte> data)
    {
        if (copying)
            target.Write(data);
    }

    /// <summary>The SQL equivalent of a psql meta-command.</summary>
    public void Write(PlainSection section, string sql)
    {
        if (section.Database == database)
            target.Write(DumpText.Raw.GetBytes(tail is null ? sql : string.Concat(sql.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(s => tail.Take(s, s + "\n")))));
    }

    [GeneratedRegex(@"\A\s*((CREATE|ALTER|DROP) SUBSCRIPTION\b|COMMENT ON SUBSCRIPTION\b|SECURITY LABEL\b[^']* ON SUBSCRIPTION\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SubscriptionPattern();
}
