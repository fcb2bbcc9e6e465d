using System.Globalization;
using System.Text.Json;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>
/// What other sessions change in the definitions of a database while one transaction backs it up and replaces it. Tables are locked; functions,
/// types, views and new objects cannot be. So the catalogs are read: a row's xmin is the transaction that wrote it, its xmax the one that deleted it. This connection does not
/// see what the transaction does before it commits, so it sees every row that the transaction has deleted.
/// </summary>
/// <param name="Connection">Another session than the transaction's, outside of a transaction.</param>
/// <param name="Snapshot">What was committed before the backup began.</param>
internal sealed record ConcurrentChanges(NpgsqlConnection Connection, ServerTransaction Restore, ServerSnapshot Snapshot)
{
    /// <summary>Statistics change without DDL, dependencies are dropped with their objects, and the bytes of large objects are not definitions.</summary>
    private const string NotLooked = "'pg_statistic', 'pg_statistic_ext_data', 'pg_depend', 'pg_largeobject', 'pg_largeobject_metadata'";

    /// <summary>From now on.</summary>
    public static async Task<ConcurrentChanges> BeginAsync(NpgsqlConnection connection, ServerTransaction restore, CancellationToken ct) =>
        new(connection, restore, await ServerSnapshot.TakeAsync(connection, ct));

    /// <summary>Objects of users that other sessions created or changed and committed after the snapshot.</summary>
    public Task<List<string>> NewAsync(CancellationToken ct) => Connection.ListAsync(
        $"""
        SELECT DISTINCT coalesce(pg_catalog.pg_describe_object(d.classid, d.objid, 0), d.objid::text)
        FROM pg_catalog.pg_depend d
        WHERE {Snapshot.IsAfter("d")} AND d.xmin::text <> '{Restore.RowId}' AND d.deptype IN ('n', 'a') AND d.objid >= 16384
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND n.nspname ~ '^pg_(toast|temp_|toast_temp_)')
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                          WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.objid AND n.nspname ~ '^pg_(toast|temp_|toast_temp_)')
        """,
        r => r.GetString(0),
        ct);

    /// <summary>Objects that the transaction has dropped or replaced, although other sessions created or changed them after the snapshot, and temporary tables that it has dropped or changed.</summary>
    public async Task<List<string>> LostAsync(CancellationToken ct)
    {
        var catalogs = await Connection.ListAsync(
            $"""
            SELECT c.oid::pg_catalog.regclass::text, c.relname <> 'pg_enum' AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'oid'),
                   (SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1)
            FROM pg_catalog.pg_class c
            WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r' AND NOT c.relisshared AND c.relname NOT IN ({NotLooked})
              AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
            """,
            r => (Name: r.GetString(0), HasOid: r.GetBoolean(1), First: r.GetString(2)),
            ct);
        var queries = catalogs.Select(c => $"""
            SELECT coalesce({(c.HasOid ? "pg_catalog.pg_describe_object(x.tableoid, x.oid, 0)" : "NULL")}, x.tableoid::pg_catalog.regclass::text || ' of ' || {Of(c.Name, c.First)})
            FROM {c.Name} x WHERE x.xmax::text = '{Restore.RowId}' AND {Snapshot.IsAfter("x")}
            """);
        var lost = await Connection.ListAsync(string.Join(" UNION ", queries), r => r.GetString(0), ct);
        lost.AddRange(await Connection.ListAsync(
            $"""
            SELECT 'temporary table ' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname ~ '^pg_temp_' AND c.relkind = 'r'
              AND (c.xmax::text = '{Restore.RowId}' OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.xmax::text = '{Restore.RowId}'))
            """,
            r => r.GetString(0),
            ct));
        return lost;
    }

    /// <summary>Objects that other sessions created after the snapshot, and that depend on an object that the transaction has dropped, such as a column's type.</summary>
    /// <param name="exists">Which objects exist for the transaction: a query that returns one column <c>missing</c>.</param>
    public async Task<List<string>> DanglingAsync(Func<string, Task<IReadOnlyList<bool>>> exists, CancellationToken ct)
    {
        var needs = await Connection.ListAsync(
            $"""
            SELECT d.refclassid::pg_catalog.regclass::text, d.refobjid::int8, coalesce(pg_catalog.pg_describe_object(d.classid, d.objid, 0), d.objid::text)
            FROM pg_catalog.pg_depend d
            WHERE {Snapshot.IsAfter("d")} AND d.xmin::text <> '{Restore.RowId}' AND d.deptype IN ('n', 'a') AND d.objid >= 16384 AND d.refobjid >= 16384
            """,
            r => (Catalog: r.GetString(0), Oid: r.GetInt64(1), Object: r.GetString(2)),
            ct);
        var dangling = new List<string>();
        foreach (var need in needs)
        {
            if ((await exists($"SELECT NOT EXISTS (SELECT 1 FROM {need.Catalog} c WHERE c.oid = {need.Oid.ToString(CultureInfo.InvariantCulture)}) AS missing"))[0])
                dangling.Add(need.Object);
        }

        return [.. dangling.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Waits until transactions that are creating tables now have ended, so that they can be seen. Such a table is locked by its session, and no other session
    /// else sees it yet.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS324</c>: one waits for the restore, or does not end.</exception>
    public async Task AwaitUncommittedAsync(string database, TimeSpan waitLimit, IOperationEvents events, CancellationToken ct)
    {
        HashSet<(int, string)>? first = null;
        for (var until = DateTime.UtcNow + waitLimit; ; await Task.Delay(50, ct))
        {
            var now = await Connection.ListAsync(
                """
                SELECT DISTINCT l.pid, v.transactionid::text, $1 = ANY (pg_catalog.pg_blocking_pids(l.pid)), coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, '')
                FROM pg_catalog.pg_locks l
                JOIN pg_catalog.pg_locks v ON v.pid = l.pid AND v.locktype = 'transactionid' AND v.mode = 'ExclusiveLock' AND v.granted
                LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock' AND l.pid NOT IN ($1, pg_catalog.pg_backend_pid())
                  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = l.relation)
                """,
                r => (Key: (r.GetInt32(0), r.GetString(1)), Blocked: r.GetBoolean(2), Text: $"pid {r.GetInt32(0)} ({r.GetString(3)}, {r.GetString(4)}, {r.GetString(5)})"),
                ct,
                Restore.Pid);
            first ??= [.. now.Select(n => n.Key)];
            var left = now.Where(n => first.Contains(n.Key)).ToList();
            if (left.Count == 0)
                return;
            if (left.Any(n => n.Blocked) || DateTime.UtcNow > until)
                throw ErrorCatalogue.InPlaceBlocked.For(database, $"other sessions have created tables and not committed them: {string.Join(", ", left.Select(n => n.Text))}", "End these transactions. ");
            events.Verbose($"waiting for transactions that have created tables: {string.Join(", ", left.Select(n => n.Text))}");
        }
    }

    /// <summary>The session that blocks the transaction, if any.</summary>
    public static async Task<string?> BlockersAsync(NpgsqlConnection connection, ServerTransaction restore, CancellationToken ct)
    {
        var blockers = await connection.ListAsync(
            """
            SELECT b.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, ''), coalesce(left(a.query, 80), '')
            FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
            """,
            r => r.GetInt32(0) == 0 ? "a prepared transaction" : $"pid {r.GetInt32(0)} ({r.GetString(1)}, {r.GetString(2)}, {r.GetString(3)}: {r.GetString(4)})",
            ct,
            restore.Pid);
        return blockers.Count == 0 ? null : string.Join(", ", blockers);
    }

    /// <summary>What a row belongs to, if it is not an object itself.</summary>
    private static string Of(string catalog, string first) => catalog switch
    {
        "pg_enum" => "x.enumtypid::pg_catalog.regtype::text",
        "pg_attribute" => "x.attrelid::pg_catalog.regclass::text",
        "pg_index" => "x.indrelid::pg_catalog.regclass::text",
        _ => $"x.{first}::text",
    };
}

/// <summary>Which transactions had ended at one moment.</summary>
internal sealed record ServerSnapshot(uint Next, IReadOnlyList<uint> Running)
{
    public static async Task<ServerSnapshot> TakeAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var parts = (await connection.ScalarAsync<string>("SELECT pg_catalog.txid_current_snapshot()::text", ct))!.Split(':');
        return new ServerSnapshot(Xid(parts[1]), [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Xid)]);

        // The lower 32 bits are what rows carry.
        static uint Xid(string text) => unchecked((uint)ulong.Parse(text, CultureInfo.InvariantCulture));
    }

    /// <summary>The condition that a catalog's row was written by a transaction that the snapshot does not see.</summary>
    public string IsAfter(string alias) =>
        $"(pg_catalog.age({alias}.xmin) <= pg_catalog.age('{Next}'::pg_catalog.xid){(Running.Count == 0 ? "" : $" OR {alias}.xmin::text IN ({string.Join(", ", Running.Select(r => $"'{r}'"))})")})";
}
