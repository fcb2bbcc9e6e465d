using System.Globalization;
using System.Text.Json;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>
/// Locks out writers of a database while it is backed up and replaced: every table is locked in EXCLUSIVE mode, which blocks all except readers and pg_dump
/// (they acquire ACCESS SHARE locks; https://www.postgresql.org/docs/current/explicit-locking.html).
/// </summary>
internal static class WriterLocks
{
    private const int Batch = 100;
    private const int Rounds = 10;
    private const int CatalogLocks = 64;

    /// <summary>Catalogs whose objects are locked one by one when they are dropped.</summary>
    private static readonly string[] Locked = ["pg_class", "pg_type", "pg_constraint", "pg_attrdef", "pg_trigger", "pg_rewrite", "pg_proc"];

    /// <summary>Partitioned tables too, for their new partitions. Of extensions, the tables whose rows a dump holds.</summary>
    private static readonly string Unlocked = $"""
        SELECT format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {UserObjects.Schema("n")}
          AND (NOT {UserObjects.OfExtension("pg_class", "c")} OR EXISTS (SELECT 1 FROM pg_catalog.pg_extension x WHERE c.oid = ANY (x.extconfig)))
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l
                          WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation = c.oid AND l.granted AND l.mode = 'ExclusiveLock'
                            AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>ALTER SEQUENCE takes SHARE ROW EXCLUSIVE, which nextval() and setval() wait for; no other statement locks a sequence. The cache stays as it is.</summary>
    private static readonly string Sequences = $"""
        SELECT format('ALTER SEQUENCE %I.%I CACHE %s', n.nspname, c.relname, s.seqcache) AS name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
        WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND {UserObjects.Schema("n")} AND NOT {UserObjects.OfExtension("pg_class", "c")}
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l
                          WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation = c.oid AND l.granted AND l.mode = 'ShareRowExclusiveLock'
                            AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Locks what is not locked yet, until a check under the locks finds nothing more.</summary>
    /// <returns>How many tables and sequences were locked.</returns>
    /// <exception cref="DbSafetyException"><c>DBS324</c>: other sessions keep creating tables.</exception>
    public static async Task<int> TakeAsync(PsqlSession session, string database, CancellationToken ct)
    {
        var count = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var tables = await session.ListAsync(Unlocked, Name, ct);
            foreach (var batch in tables.Chunk(Batch))
                await session.ExecuteAsync($"LOCK TABLE ONLY {string.Join(", ONLY ", batch)} IN EXCLUSIVE MODE", ct);
            var sequences = await session.ListAsync(Sequences, Name, ct);
            foreach (var batch in sequences.Chunk(Batch))
                await session.ExecuteAsync(batch, ct);
            count += tables.Count + sequences.Count;
            if (tables.Count + sequences.Count == 0)
                return count;
        }

        throw ErrorCatalogue.InPlaceBlocked.For(database, "other sessions keep creating or dropping tables", "");
    }

    /// <summary>The tables that were created after the locks were acquired.</summary>
    public static Task<List<string>> MissingAsync(PsqlSession session, CancellationToken ct) => session.ListAsync(Unlocked, Name, ct);

    /// <summary>
    /// Every relation, and every object that is dropped or created with it, takes an entry of the server's lock table until the transaction ends;
    /// a full one fails (<c>max_locks_per_transaction</c>). What is created is estimated as six entries a table, and the catalogs as some more.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS324</c>.</exception>
    public static async Task CheckRoomAsync(NpgsqlConnection connection, string database, int tablesOfBackup, CancellationToken ct)
    {
        var objects = string.Join(" + ", Locked.Select(c => $"(SELECT pg_catalog.count(*) FROM pg_catalog.{c} o WHERE o.oid >= 16384 AND NOT {UserObjects.OfExtension(c, "o")})"));
        var (present, capacity, used, perTransaction) = (await connection.ListAsync(
            $"""
            SELECT {objects},
                   pg_catalog.current_setting('max_locks_per_transaction')::int8 * (pg_catalog.current_setting('max_connections')::int8 + pg_catalog.current_setting('max_prepared_transactions')::int8),
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l WHERE NOT l.fastpath),
                   pg_catalog.current_setting('max_locks_per_transaction')::int8
            """,
            r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)),
            ct)).Single();
        var needed = present + (6L * tablesOfBackup) + CatalogLocks;
        if (needed + used <= capacity)
            return;
        var enough = perTransaction * ((needed + used) / capacity + 1);
        throw ErrorCatalogue.InPlaceBlocked.For(
            database,
            string.Create(CultureInfo.InvariantCulture, $"the transaction needs about {needed:N0} locks, and the server's lock table has {Math.Max(0, capacity - used):N0} free (max_locks_per_transaction = {perTransaction})"),
            $"Raise max_locks_per_transaction to {enough} or more (this requires a restart of the server), or restore with a role that has the CREATEDB privilege. ");
    }

    /// <summary>A prepared transaction keeps its locks until it is ended by name.</summary>
    /// <exception cref="DbSafetyException"><c>DBS324</c>.</exception>
    public static async Task RefusePreparedAsync(NpgsqlConnection connection, string database, CancellationToken ct)
    {
        var prepared = await connection.ListAsync(
            "SELECT gid, owner::text, prepared FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY prepared",
            r => $"{r.GetString(0)} (of {r.GetString(1)}, since {r.GetDateTime(2).ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)})",
            ct);
        if (prepared.Count > 0)
            throw ErrorCatalogue.InPlaceBlocked.For(database, $"prepared transactions hold locks in it: {string.Join(", ", prepared)}", "End each with COMMIT PREPARED or ROLLBACK PREPARED. ");
    }

    private static string Name(JsonElement row) => row.GetProperty("name").GetString()!;
}
