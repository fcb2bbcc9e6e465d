using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// The state of a table: its oid, which a rename does not change, its columns by number (which are never reused), and
/// the file of its rows (a new one after TRUNCATE).
/// </summary>
/// <param name="Bytes">The size of its rows on disk.</param>
/// <param name="Rows">Its own rows; null where they were not counted.</param>
internal sealed record TableState(uint Oid, string Schema, string Name, bool HasRows, uint FileNode, long Bytes, IReadOnlyDictionary<short, string> Columns)
{
    public long? Rows { get; init; }

    /// <summary>All of its rows were inserted by the transaction that assigned a new file: it was truncated and filled again.</summary>
    public bool IsRefilled { get; init; }

    /// <summary>The transaction that assigned a new file has deleted its rows with DELETE, which PostgreSQL has counted.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>By the number of a column that can be null, how many of its values are not; empty where they were not counted.</summary>
    public IReadOnlyDictionary<short, long> Values { get; init; } = new Dictionary<short, long>();

    /// <summary>Its rows are computed: fewer rows are not a loss, but dropping it is.</summary>
    public bool IsMaterializedView { get; init; }

    /// <summary>The topmost partitioned table of a partition; otherwise the table itself.</summary>
    public uint Root { get; init; }

    public bool IsPartition => Root != Oid;

    public string Display => SqlName.Display(Schema, Name);
}

/// <summary>How much to find out about each table.</summary>
internal enum CensusDepth
{
    /// <summary>Its oid and its columns. Does not wait for locks.</summary>
    Names,

    /// <summary>The size of its rows too.</summary>
    Sizes,

    /// <summary>Also its rows, counted with count(*).</summary>
    Rows,

    /// <summary>The values of each column that are not null too.</summary>
    Values,
}

/// <summary>All user tables of a database, to be compared with themselves later.</summary>
internal sealed record StructureCensus(IReadOnlyDictionary<uint, TableState> Tables)
{
    private const string TablesSql =
        $"""
        WITH RECURSIVE up(oid, root) AS (
            SELECT oid, oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'm') AND NOT relispartition
            UNION ALL
            SELECT i.inhrelid, u.root FROM pg_catalog.pg_inherits i JOIN up u ON u.oid = i.inhparent JOIN pg_catalog.pg_class p ON p.oid = i.inhrelid AND p.relispartition
        )
        SELECT c.oid, n.nspname, c.relname, c.relkind IN ('r', 'm') AND c.relispopulated, c.relfilenode, CASE WHEN $1 AND c.relkind IN ('r', 'm') THEN {RelationSize.Sql} ELSE 0 END, c.relkind = 'm', u.root
        FROM up u JOIN pg_catalog.pg_class c ON c.oid = u.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'dbsafety') AND (n.nspname, c.relname) <> ($2, $3)
        """;

    private const string ColumnsSql =
        """
        SELECT a.attrelid, a.attnum, a.attname, a.attnotnull FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
        """;

    /// <param name="history">The migration history, which the tool writes to itself.</param>
    public static async Task<StructureCensus> ReadAsync(NpgsqlConnection connection, (string Schema, string Table) history, CensusDepth depth, CancellationToken ct)
    {
        var columns = (await connection.ListAsync(ColumnsSql, r => (Table: r.GetFieldValue<uint>(0), Number: r.GetInt16(1), Name: r.GetString(2), NotNull: r.GetBoolean(3)), ct)).ToLookup(c => c.Table);
        var tables = await connection.ListAsync(
            TablesSql,
            r => new TableState(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.GetFieldValue<uint>(4), r.IsDBNull(5) ? 0 : r.GetInt64(5),
                columns[r.GetFieldValue<uint>(0)].ToDictionary(c => c.Number, c => c.Name)) { IsMaterializedView = r.GetBoolean(6), Root = r.GetFieldValue<uint>(7) },
            ct, depth != CensusDepth.Names, history.Schema, history.Table);
        for (var i = 0; i < tables.Count && depth >= CensusDepth.Rows; i++)
        {
            if (tables[i].HasRows)
                tables[i] = await CountAsync(connection, tables[i], depth == CensusDepth.Values ? [.. columns[tables[i].Oid].Where(c => !c.NotNull).Select(c => (c.Number, c.Name))] : [], ct);
        }

        return new StructureCensus(tables.ToDictionary(t => t.Oid));
    }

    /// <summary>The rows of a table, and after them the values of each column that are not null.</summary>
    public static async Task<long[]> CountAsync(NpgsqlConnection connection, string schema, string table, IReadOnlyList<string> columns, CancellationToken ct)
    {
        var sql = $"SELECT {string.Join(", ", columns.Select(c => $"count({SqlName.Quote(c)})").Prepend("count(*)"))} FROM ONLY {SqlName.Quote(schema, table)}";
        return (await connection.ListAsync(sql, r => Enumerable.Range(0, columns.Count + 1).Select(r.GetInt64).ToArray(), ct))[0];
    }

    private static async Task<TableState> CountAsync(NpgsqlConnection connection, TableState table, IReadOnlyList<(short Number, string Name)> columns, CancellationToken ct)
    {
        var counts = await CountAsync(connection, table.Schema, table.Name, [.. columns.Select(c => c.Name)], ct);
        return table with { Rows = counts[0], Values = columns.Select((c, i) => (c.Number, Count: counts[i + 1])).ToDictionary(c => c.Number, c => c.Count) };
    }
}
