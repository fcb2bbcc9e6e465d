using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>
/// The file and the definition of each table as a snapshot sees them. TRUNCATE and the forms of ALTER TABLE that rewrite a table are not
/// MVCC-safe (https://www.postgresql.org/docs/current/mvcc-caveats.html): under an older snapshot the table then looks empty. Both give it a
/// new file, so a table that has the same file and the same catalog rows as in the snapshot still holds what the snapshot sees.
/// </summary>
internal sealed class TableStates
{
    /// <summary>
    /// Catalog rows are identified by the transactions that wrote them. VACUUM and ANALYZE update in place; any other write
    /// can change what pg_dump reads.
    /// </summary>
    private const string Sql = """
        SELECT c.oid::pg_catalog.int8, n.nspname, c.relname, c.relfilenode::pg_catalog.int8,
               pg_catalog.concat_ws(' ', c.xmin,
                   (SELECT pg_catalog.string_agg(a.xmin::pg_catalog.text, ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0),
                   (SELECT pg_catalog.string_agg(d.oid || ':' || d.xmin, ',' ORDER BY d.oid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid),
                   (SELECT pg_catalog.string_agg(o.oid || ':' || o.xmin, ',' ORDER BY o.oid) FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid),
                   (SELECT pg_catalog.string_agg(i.indexrelid || ':' || i.xmin, ',' ORDER BY i.indexrelid) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid),
                   (SELECT pg_catalog.string_agg(g.oid || ':' || g.xmin, ',' ORDER BY g.oid) FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid),
                   (SELECT pg_catalog.string_agg(p.oid || ':' || p.xmin, ',' ORDER BY p.oid) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid),
                   (SELECT pg_catalog.string_agg(r.oid || ':' || r.xmin, ',' ORDER BY r.oid) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid),
                   (SELECT pg_catalog.string_agg(h.inhparent || ':' || h.xmin, ',' ORDER BY h.inhparent) FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid))
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = ANY ($1::pg_catalog.oid[])
        """;

    private readonly IReadOnlyDictionary<long, State> states;

    private TableStates(IReadOnlyDictionary<long, State> states) => this.states = states;

    /// <summary>The tables' OIDs.</summary>
    public long[] Oids => [.. states.Keys];

    /// <summary>In the snapshot of the session. No table is locked.</summary>
    public static async Task<TableStates> ReadAsync(NpgsqlConnection connection, IEnumerable<TableCatalog.Table> tables, CancellationToken ct) =>
        new(await StatesAsync(connection, [.. tables.Select(t => (long)t.Oid)], ct));

    /// <summary>Verifies that no table has changed since.</summary>
    /// <param name="now">A session without a snapshot: it sees all committed data.</param>
    /// <exception cref="TablesChangedException">Some have changed.</exception>
    public async Task VerifyAsync(NpgsqlConnection now, CancellationToken ct, Exception? cause = null)
    {
        var current = await StatesAsync(now, Oids, ct);
        var changes = states.Select(s => (s.Key, What: Change(s.Value, current.GetValueOrDefault(s.Key)))).Where(c => c.What is not null).OrderBy(c => c.What, StringComparer.Ordinal).ToList();
        if (changes.Count > 0)
            throw new TablesChangedException(string.Join("; ", changes.Select(c => c.What)), [.. changes.Select(c => c.Key)], cause);
    }

    private static string? Change(State then, State? now)
    {
        if (now is null)
            return $"{then.Name} was dropped";
        if (now.Name != then.Name)
            return $"{then.Name} was renamed to {now.Name}";
        if (now.File != then.File)
            return $"{then.Name} was truncated or rewritten";
        return now.Rows == then.Rows ? null : $"{then.Name} was altered";
    }

    private static async Task<IReadOnlyDictionary<long, State>> StatesAsync(NpgsqlConnection connection, long[] oids, CancellationToken ct) =>
        (await connection.ListAsync(Sql, r => (Oid: r.GetInt64(0), State: new State(SqlName.Display(r.GetString(1), r.GetString(2)), r.GetInt64(3), r.GetString(4))), ct, oids))
            .ToDictionary(r => r.Oid, r => r.State);

    private sealed record State(string Name, long File, string Rows);
}
