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
        var candidates = all.Select(d => new RetainedCandidate(d.Name, d.Oid, DatabaseMark.Read(d.Comment), d.Limit)).ToList();
        var oids = all.Select(d => d.Oid).ToHashSet();
        return
        [
            .. from d in all
               let mark = RetainedNames.MarkOf(d.Name, d.Oid, d.Comment)
               where mark is { Kind: MarkKind.Before or MarkKind.Undone }
               orderby mark.At descending
               select new PgRetainedDatabase(target.On(d.Name))
               {
                   Oid = d.Oid,
                   Database = mark.Of,
                   Bytes = d.Bytes,
                   RetainedAt = mark.At,
                   // The mark of a second swap in the same second is a second later.
                   Age = d.Now > mark.At ? d.Now - mark.At : TimeSpan.Zero,
                   By = mark.By,
                   Connections = d.Sessions,
                   Undo = IsOf(mark.Of, d.Oid) ? UndoAdvice.Swap(target.On(mark.Of), d.Name, mark.At) : null,
               },
        ];

        bool IsOf(string database, uint oid) =>
            all.FirstOrDefault(d => d.Name == database) is { Oid: > 0 and var live } && RetainedInventory.Sort(database, candidates, live, oids).All.Any(r => r.Oid == oid);
    }
}
