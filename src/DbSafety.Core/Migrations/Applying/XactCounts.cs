using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The rows of one table that a transaction wrote.</summary>
internal sealed record RowCounts(uint Oid, string Schema, string Name, long Inserted, long Updated, long Deleted)
{
    /// <summary>The strongest of the transaction's locks that keep others from reading or writing it; null: none does.</summary>
    public string? Lock { get; init; }

    public bool IsWritten => Inserted + Updated + Deleted > 0;

    public string Display => new Analysis.RelationName(Schema, Name).Display("public");
}

/// <summary>
/// What PostgreSQL counts for the transaction that is open: rows inserted, updated and deleted, cascades included and other sessions excluded
/// (https://www.postgresql.org/docs/current/monitoring-stats.html, pg_stat_get_xact_tuples_deleted and its like). Its catalogs are tables
/// too: a table that is dropped is a row deleted from pg_class, and a column one updated in pg_attribute.
/// </summary>
/// <param name="Tables">User tables that were written to or are locked.</param>
/// <param name="Classes">Rows of pg_class updated or deleted.</param>
/// <param name="Attributes">Rows of pg_attribute updated or deleted.</param>
internal sealed record XactCounts(IReadOnlyDictionary<uint, RowCounts> Tables, long Classes, long Attributes)
{
    private const uint ClassOid = 1259;

    private const uint AttributeOid = 1249;

    /// <summary>Locks that keep others from reading or writing, the strongest first.</summary>
    private static readonly string[] StrongLocks = ["AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"];

    // Joins would take longer to plan than all of this takes to run.
    private const string Sql =
        """
        SELECT c.oid, (SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = c.relnamespace), c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid),
               pg_catalog.pg_stat_get_xact_tuples_updated(c.oid), pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid),
               (SELECT pg_catalog.string_agg(mode, ' ') FROM pg_catalog.pg_locks WHERE relation = c.oid AND locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted)
        FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'p', 'm') AND (c.oid >= 16384 OR c.oid IN (1249, 1259))
          AND (pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) > 0 OR pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) > 0 OR pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) > 0
        """;

    private const string OrLocked = " OR c.oid = ANY (ARRAY(SELECT relation FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND granted AND locktype = 'relation'))";

    public static XactCounts None { get; } = new(new Dictionary<uint, RowCounts>(), 0, 0);

    /// <summary>Such as <c>AccessExclusiveLock on categories</c>.</summary>
    public IReadOnlyList<string> Locks => [.. Tables.Values.Where(t => t.Lock is not null).Select(t => $"{t.Lock} on {t.Display}").Order(StringComparer.Ordinal)];

    /// <summary>A look at the beginning, without the locks.</summary>
    /// <param name="ledger">Its own writes are nobody's.</param>
    /// <param name="first">Statements without a result that are sent along before it, to spare the way there and back.</param>
    public static Task<XactCounts> BeforeAsync(NpgsqlConnection connection, (string Schema, string Table) ledger, string first, CancellationToken ct) =>
        ReadAsync(connection, ledger, $"{first};\n{Sql})", ct);

    /// <summary>A look at the end, with the locks the transaction holds by then.</summary>
    /// <inheritdoc cref="BeforeAsync"/>
    public static Task<XactCounts> AfterAsync(NpgsqlConnection connection, (string Schema, string Table) ledger, string first, CancellationToken ct) =>
        ReadAsync(connection, ledger, $"{first};\n{Sql}{OrLocked})", ct);

    private static async Task<XactCounts> ReadAsync(NpgsqlConnection connection, (string Schema, string Table) ledger, string sql, CancellationToken ct)
    {
        var all = (await connection.ListAsync(sql.TrimStart(';'), Read, ct)).Where(c => c.Schema != "dbsafety" && !c.Schema.StartsWith("pg_t", StringComparison.Ordinal)).ToDictionary(c => c.Oid);
        long Changed(uint catalog) => all.Remove(catalog, out var counts) ? counts.Updated + counts.Deleted : 0;
        var (classes, attributes) = (Changed(ClassOid), Changed(AttributeOid));
        return new XactCounts(all.Values.Where(c => (c.Schema, c.Name) != ledger).ToDictionary(c => c.Oid), classes, attributes);
    }

    private static RowCounts Read(NpgsqlDataReader r) =>
        new(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5)) { Lock = r.Text(6) is { } modes ? StrongLocks.FirstOrDefault(modes.Split(' ').Contains) : null };

    /// <summary>What was written since the earlier look.</summary>
    public IEnumerable<RowCounts> Since(XactCounts earlier) =>
        Tables.Values.Select(now => earlier.Tables.TryGetValue(now.Oid, out var then)
            ? now with { Inserted = now.Inserted - then.Inserted, Updated = now.Updated - then.Updated, Deleted = now.Deleted - then.Deleted }
            : now).Where(c => c.IsWritten);
}
