using System.IO.Enumeration;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores.Retained;

/// <summary>The server whose retained databases to list, regardless of the target's database.</summary>
public sealed record RetainedListRequest(DatabaseTarget Target)
{
    /// <summary>The database that they were: a name, or a pattern with <c>*</c> and <c>?</c>. Null: all.</summary>
    public string? Database { get; init; }
}

/// <summary>
/// Lists the databases of a server that restores, undos and migrations retained, the newest first. The mark decides: a database that only has such a name is the
/// user's own, and so is a retained database that the user has renamed.
/// </summary>
public sealed class ListRetained : IOperation<RetainedListRequest, IReadOnlyList<PgRetainedDatabase>>
{
    // pg_database_size fails for a database without the CONNECT privilege, and reads its folder.
    private const string Sql = """
        SELECT d.datname::text, d.oid, c.text, d.datconnlimit,
               CASE WHEN c.text LIKE '%dbsafety: {%' AND (pg_catalog.has_database_privilege(d.oid, 'CONNECT') OR pg_catalog.pg_has_role('pg_read_all_stats', 'MEMBER'))
                    THEN pg_catalog.pg_database_size(d.oid) END,
               (SELECT count(*)::int FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid),
               pg_catalog.clock_timestamp()
        FROM pg_catalog.pg_database d CROSS JOIN LATERAL (SELECT pg_catalog.shobj_description(d.oid, 'pg_database') AS text) c
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PgRetainedDatabase>> RunAsync(RetainedListRequest request, IOperationEvents events, CancellationToken ct)
    {
        events.Verbose($"Listing the retained databases of {request.Target.Server}");
        await using var maintenance = await request.Target.OpenMaintenanceAsync(ct);
        try
        {
            return [.. (await ReadAsync(maintenance, request.Target, ct)).Where(r => request.Database is null || Matches(request.Database, r.Database))];
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    internal static bool Matches(string pattern, string name) => pattern == name || FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: false);

    internal static async Task<IReadOnlyList<PgRetainedDatabase>> ReadAsync(NpgsqlConnection maintenance, DatabaseTarget target, CancellationToken ct)
    {
        var all = await maintenance.ListAsync(
            Sql,
            r => (Name: r.GetString(0), Oid: r.GetFieldValue<uint>(1), Comment: r.Text(2), Limit: r.GetInt32(3), Bytes: r.IsDBNull(4) ? (long?)null : r.GetInt64(4), Sessions: r.GetInt32(5), Now: new DateTimeOffset(r.GetDateTime(6).ToUniversalTime(), TimeSpan.Zero)),
            ct);
        var now = all.Select(d => d.Now).DefaultIfEmpty().First();
        var candidates = all.Select(d => new RetainedCandidate(d.Name, d.Oid, DatabaseMark.Read(d.Comment), d.Limit)).ToList();
        var oids = all.Select(d => d.Oid).ToHashSet();
        var found = (from d in all let mark = RetainedNames.MarkOf(d.Name, d.Oid, d.Comment) where mark is { Kind: MarkKind.Before or MarkKind.Undone } select (Database: d, Mark: mark)).ToList();
        var related = found.Select(f => (f.Database.Oid, Live: all.FirstOrDefault(d => d.Name == f.Mark.Of).Oid)).Where(p => p.Live != 0).ToDictionary(p => p.Oid, p => p.Live);
        var trusted = await DatabaseOwners.TrustedAsync(maintenance, [.. related.Select(p => (p.Key, p.Value))], ct);
        return
        [
            .. from f in found
               orderby f.Mark.At descending
               let state = related.TryGetValue(f.Database.Oid, out var live) ? RetainedInventory.Sort(f.Mark.Of, candidates, live, oids).All.FirstOrDefault(r => r.Oid == f.Database.Oid) : null
               // The clock of the server can have been ahead.
               let at = f.Mark.RetainedAt < now ? f.Mark.RetainedAt : now
               select new PgRetainedDatabase(target.On(f.Database.Name))
               {
                   Oid = f.Database.Oid,
                   Database = f.Mark.Of,
                   Bytes = f.Database.Bytes,
                   RetainedAt = at,
                   Age = now - at,
                   By = f.Mark.By,
                   Connections = f.Database.Sessions,
                   PrecedesLive = state is { PrecedesLive: true },
                   Undo = state is not null && trusted.Contains(f.Database.Oid) ? UndoAdvice.Swap(target.On(f.Mark.Of), f.Database.Name, at) : null,
               },
        ];
    }
}
