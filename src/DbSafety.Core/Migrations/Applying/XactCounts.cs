using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The rows of one table that a transaction wrote.</summary>
internal sealed record RowCounts(uint Oid, string Schema, string Name, long Inserted, long Updated, long Deleted)
{
    /// <summary>The strongest of the transaction's locks that block reads or writes by other sessions; null: none.</summary>
    public string? Lock { get; init; }

    /// <summary>A foreign table under a lock that INSERT, UPDATE and DELETE acquire: their changes there are not counted.</summary>
    public bool IsForeignWrite { get; init; }

    public bool IsWritten => Inserted + Updated + Deleted > 0;

    public string Display => new RelationName(Schema, Name).Display("public");
}

/// <summary>
/// PostgreSQL's counts for the open transaction: rows inserted, updated and deleted, including cascades and excluding other sessions
/// (https://www.postgresql.org/docs/current/monitoring-stats.html, pg_stat_get_xact_tuples_deleted and its like). Its catalogs are tables
/// too: a table that is dropped is a row deleted from pg_class, and a column one updated in pg_attribute.
/// </summary>
/// <param name="Tables">User tables that were written to or are locked.</param>
/// <param name="Classes">Rows of pg_class updated or deleted.</param>
/// <param name="Attributes">Rows of pg_attribute updated or deleted.</param>
/// <param name="LargeObjects">Rows of pg_largeobject_metadata; null: none was written.</param>
/// <param name="Pages">Rows of pg_largeobject, each a page of a large object; null: none was written.</param>
internal sealed record XactCounts(IReadOnlyDictionary<uint, RowCounts> Tables, long Classes, long Attributes, RowCounts? LargeObjects = null, RowCounts? Pages = null)
{
    private const uint ClassOid = 1259;

    private const uint AttributeOid = 1249;

    /// <summary>In SQL, whether this transaction wrote a row of the table that the query reads: with its own id, or with a subtransaction's, which are later.</summary>
    public const string IsOwnRow = "pg_catalog.age(xmin) <= pg_catalog.age((pg_catalog.txid_current() & 4294967295)::text::xid)";

    private const uint LargeObjectOid = 2995;

    private const uint PageOid = 2613;

    /// <summary>Lock modes that block reads or writes by other sessions, the strongest first.</summary>
    private static readonly string[] StrongLocks = ["AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"];

    // Joins would take longer to plan than all of this takes to run.
    private const string Sql =
        """
        SELECT c.oid, (SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = c.relnamespace), c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid),
               pg_catalog.pg_stat_get_xact_tuples_updated(c.oid), pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid),
               (SELECT pg_catalog.string_agg(mode, ' ') FROM pg_catalog.pg_locks WHERE relation = c.oid AND locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted), c.relkind
        FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'p', 'm', 'f') AND (c.oid >= 16384 OR c.oid IN (1249, 1259, 2613, 2995))
          AND (pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) > 0 OR pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) > 0 OR pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) > 0
        """;

    private const string OrLocked = " OR c.oid = ANY (ARRAY(SELECT relation FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND granted AND locktype = 'relation'))";

    public static XactCounts None { get; } = new(new Dictionary<uint, RowCounts>(), 0, 0);

    /// <summary>Such as <c>AccessExclusiveLock on categories</c>.</summary>
    public IReadOnlyList<string> Locks => [.. Tables.Values.Where(t => t.Lock is not null).Select(t => $"{t.Lock} on {t.Display}").Order(StringComparer.Ordinal)];

    /// <summary>Reads the counts at the beginning, without the locks.</summary>
    /// <param name="history">The history table, whose rows are not counted.</param>
    /// <param name="first">Statements without a result that are sent before it in the same round trip.</param>
    public static Task<XactCounts> BeforeAsync(NpgsqlConnection connection, (string Schema, string Table) history, string first, CancellationToken ct) =>
        ReadAsync(connection, history, $"{first};\n{Sql})", ct);

    /// <summary>Reads the counts at the end, with the locks that the transaction holds.</summary>
    /// <inheritdoc cref="BeforeAsync"/>
    public static Task<XactCounts> AfterAsync(NpgsqlConnection connection, (string Schema, string Table) history, string first, CancellationToken ct) =>
        ReadAsync(connection, history, $"{first};\n{Sql}{OrLocked})", ct);

    private static async Task<XactCounts> ReadAsync(NpgsqlConnection connection, (string Schema, string Table) history, string sql, CancellationToken ct)
    {
        var all = (await connection.ListAsync(sql.TrimStart(';'), Read, ct)).Where(c => c.Schema != "dbsafety" && !c.Schema.StartsWith("pg_t", StringComparison.Ordinal)).ToDictionary(c => c.Oid);
        long Changed(uint catalog) => all.Remove(catalog, out var counts) ? counts.Updated + counts.Deleted : 0;
        var (classes, attributes) = (Changed(ClassOid), Changed(AttributeOid));
        all.Remove(LargeObjectOid, out var objects);
        all.Remove(PageOid, out var pages);
        return new XactCounts(all.Values.Where(c => (c.Schema, c.Name) != history).ToDictionary(c => c.Oid), classes, attributes, objects, pages);
    }

    private static RowCounts Read(NpgsqlDataReader r)
    {
        var modes = r.Text(6)?.Split(' ') ?? [];
        return new(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5))
        {
            Lock = StrongLocks.FirstOrDefault(modes.Contains),
            IsForeignWrite = r.GetChar(7) == 'f' && modes.Contains("RowExclusiveLock"),
        };
    }

    /// <summary>The rows that were written since the earlier reading.</summary>
    public IEnumerable<RowCounts> Since(XactCounts earlier) =>
        Tables.Values.Select(now => Difference(now, earlier.Tables.GetValueOrDefault(now.Oid))).Where(c => c.IsWritten);

    /// <summary>Pages of large objects, and large objects themselves, written since the earlier reading.</summary>
    public (RowCounts? Objects, RowCounts? Pages) LargeObjectsSince(XactCounts earlier) =>
        (LargeObjects is null ? null : Difference(LargeObjects, earlier.LargeObjects), Pages is null ? null : Difference(Pages, earlier.Pages));

    private static RowCounts Difference(RowCounts now, RowCounts? then) => then is null ? now
        : now with { Inserted = now.Inserted - then.Inserted, Updated = now.Updated - then.Updated, Deleted = now.Deleted - then.Deleted };
}
