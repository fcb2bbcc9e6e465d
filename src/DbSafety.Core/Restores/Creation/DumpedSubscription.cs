using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Replication;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>
/// A subscription in a backup. A restored copy gets no subscription: PostgreSQL does not drop a database that has one, and two databases must not
/// share a publisher's slot. It is created in the live database after the swap, disabled.
/// </summary>
/// <param name="Create">The statements that create it. They can contain a password: never print them.</param>
internal sealed partial record DumpedSubscription(string Name, IReadOnlyList<string> Create)
{
    /// <summary>Whether an entry of an archive is one, or belongs to one.</summary>
    public static bool IsEntry(ArchiveEntry entry) =>
        entry.Description is "SUBSCRIPTION" or "SUBSCRIPTION TABLE"
        || (entry.Description is "COMMENT" or "SECURITY LABEL" && entry.Tag.StartsWith("SUBSCRIPTION ", StringComparison.Ordinal));

    /// <summary>Those of an archive, with the owner that the options give them.</summary>
    public static IReadOnlyList<DumpedSubscription> Of(ArchiveToc toc, RestoreOptions options) =>
    [
        .. toc.Entries.Where(e => e.Description == "SUBSCRIPTION").Select(e => new DumpedSubscription(
            e.Tag,
            [
                e.Definition,
                .. options.NoOwner || e.Owner.Length == 0 ? Array.Empty<string>() : [$"ALTER SUBSCRIPTION {SqlName.Quote(e.Tag)} OWNER TO {SqlName.Quote(options.RoleOf(e.Owner))}"],
                .. toc.Entries.Where(c => c.Description is "COMMENT" or "SECURITY LABEL" && c.Tag == "SUBSCRIPTION " + SqlName.Display(e.Tag)).Select(c => c.Definition),
            ])),
    ];

    /// <summary>Those of a script, from its statements about subscriptions. Of their changes, only the owner and the comment are used.</summary>
    public static IReadOnlyList<DumpedSubscription> Of(IReadOnlyCollection<string> statements) =>
    [
        .. statements.Select(s => CreatePattern().Match(s)).Where(m => m.Success).Select(m => new DumpedSubscription(
            Unquoted(m.Groups["name"].Value),
            // Only what pg_dump writes is run in the live database: anything else would contact the publisher, and create a slot there.
            !UnconnectedPattern().IsMatch(m.Value) ? [] :
            [
                m.Value,
                .. statements.Where(s => OwnerPattern().Match(s) is { Success: true } owner && owner.Groups["name"].Value == m.Groups["name"].Value),
                .. statements.Where(s => s.TrimStart().StartsWith($"COMMENT ON SUBSCRIPTION {m.Groups["name"].Value} IS ", StringComparison.Ordinal)),
            ])),
    ];

    /// <summary>Removes the subscriptions that a script created in a restored copy.</summary>
    public static async Task<IReadOnlyList<DumpedSubscription>> TakeFromAsync(NpgsqlConnection copy, CancellationToken ct)
    {
        const string Here = "FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()";
        if (!await copy.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 {Here})", ct))
            return [];
        var found = await copy.ListAsync(
            $"SELECT s.subname::text, s.subconninfo, pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(p) FROM pg_catalog.unnest(s.subpublications) p), ', '), s.subslotname::text {Here} ORDER BY 1",
            r => (Name: r.GetString(0), Connection: r.GetString(1), Publications: r.GetString(2), Slot: r.Text(3)),
            ct);
        foreach (var subscription in found)
            await SubscriptionRemoval.RemoveAsync(copy, subscription.Name);
        return
        [
            .. found.Select(s => new DumpedSubscription(
                s.Name,
                [$"CREATE SUBSCRIPTION {SqlName.Quote(s.Name)} CONNECTION {SqlName.Literal(s.Connection)} PUBLICATION {s.Publications} WITH (connect = false, slot_name = {(s.Slot is { } slot ? SqlName.Literal(slot) : "NONE")})"])),
        ];
    }

    private static string Unquoted(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name.ToLowerInvariant();

    [GeneratedRegex(@"\A\s*CREATE SUBSCRIPTION (?<name>""(?:[^""]|"""")+""|[^\s""]+)\s.*\z", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CreatePattern();

    [GeneratedRegex(@"\A\s*ALTER SUBSCRIPTION (?<name>""(?:[^""]|"""")+""|[^\s""]+) OWNER TO [^;]+;\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OwnerPattern();

    [GeneratedRegex(@" WITH \(connect = false, slot_name = [^;]*\);\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UnconnectedPattern();
}
