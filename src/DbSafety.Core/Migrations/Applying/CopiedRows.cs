using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Hashes of all rows of a copy, in temporary tables of one session: other sessions do not see them, they hold no snapshot and no lock, and the rows are compared with them
/// after code has run that cannot be observed. No other session may write to the copy.
/// </summary>
internal sealed class CopiedRows
{
    private readonly NpgsqlConnection connection;

    private CopiedRows(NpgsqlConnection connection) => this.connection = connection;

    public List<CopiedTable> Tables { get; } = [];

    /// <summary>Why a table could not be stored.</summary>
    public Dictionary<uint, string> Missing { get; } = [];

    /// <param name="ignored">Migration histories, which a tool overwrites.</param>
    public static async Task<CopiedRows> KeepAsync(NpgsqlConnection connection, StructureCensus census, IReadOnlySet<(string Schema, string Table)> ignored, CancellationToken ct)
    {
        var (rows, columns) = (new CopiedRows(connection), await ColumnsAsync(connection, ct));
        var keys = (await connection.ListAsync(KeySql, r => (Table: r.GetFieldValue<uint>(0), Numbers: r.GetFieldValue<short[]>(1)), ct)).ToLookup(k => k.Table, k => k.Numbers);
        var moving = (await connection.ListAsync(PartitionKeysSql, r => (Table: r.GetFieldValue<uint>(0), Column: r.GetString(1)), ct)).ToLookup(m => census.Tables.GetValueOrDefault(m.Table)?.Root ?? 0, m => m.Column);
        foreach (var group in census.Tables.Values.Where(t => t is { Rows: not null, IsMaterializedView: false }).GroupBy(t => t.Root))
        {
            if (group.Sum(t => t.Rows!.Value) == 0 || !census.Tables.TryGetValue(group.Key, out var root) || ignored.Contains((root.Schema, root.Name)))
                continue;
            // A row that moves to another partition has a different partition key, but is the same row.
            var whole = keys[root.Oid].FirstOrDefault();
            var key = whole?.Where(k => !columns[root.Oid].Any(c => c.Number == k && moving[root.Oid].Contains(c.Name))).ToList();
            await rows.KeepAsync(new CopiedTable(root, [.. group.Select(t => t.Oid)], [.. columns[root.Oid]], key is { Count: 0 } ? null : key), isUnique: key?.Count == whole?.Length, ct);
        }

        return rows;
    }

    /// <summary>The columns of all tables that are stored.</summary>
    public static async Task<ILookup<uint, CopiedColumn>> ColumnsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attrelid, a.attnum
            """,
            r => (Table: r.GetFieldValue<uint>(0), Column: new CopiedColumn(r.GetInt16(1), r.GetString(2), r.GetString(3), r.GetFieldValue<uint>(4), r.GetInt32(5))), ct)).ToLookup(c => c.Table, c => c.Column);

    /// <summary>NULL for NULL; otherwise a hash of PostgreSQL's text form.</summary>
    /// <param name="column">Quoted, of <c>t</c>.</param>
    /// <param name="type">That it is converted to first; null: it is taken as it is.</param>
    public static string Hash(string column, string? type = null) =>
        $"CASE WHEN t.{column} IS DISTINCT FROM NULL THEN pg_catalog.hashtextextended(ROW(t.{column}{(type is null ? "" : "::" + type)})::text, 0) END";

    public static string KeyHash(IEnumerable<string> columns) => $"pg_catalog.md5(ROW({string.Join(", ", columns.Select(c => "t." + c))})::text)::uuid";

    /// <summary>The primary key, otherwise a unique key without NULL.</summary>
    private const string KeySql =
        """
        SELECT i.indrelid, ARRAY(SELECT u.k FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS u(k, o) WHERE u.o <= i.indnkeyatts ORDER BY u.o)
        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND i.indisunique AND i.indisvalid AND i.indexprs IS NULL AND i.indpred IS NULL
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)
        ORDER BY i.indisprimary DESC, i.indexrelid
        """;

    private const string PartitionKeysSql =
        """
        SELECT p.partrelid, a.attname FROM pg_catalog.pg_partitioned_table p JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE pg_catalog.pg_get_partkeydef(p.partrelid) ~ ('(^|[^a-zA-Z0-9_])' || pg_catalog.regexp_replace(pg_catalog.quote_ident(a.attname), '([][(){}.*+?^$|\\-])', '\\\1', 'g') || '($|[^a-zA-Z0-9_])')
        """;

    private async Task KeepAsync(CopiedTable table, bool isUnique, CancellationToken ct)
    {
        var key = table.Key is null ? "NULL::uuid" : KeyHash(table.Columns.Where(c => table.Key.Contains(c.Number)).Select(c => SqlName.Quote(c.Name)));
        var values = string.Join(", ", table.Columns.Select(c => Hash(SqlName.Quote(c.Name))));
        var from = $"{(table.Root.HasRows ? "ONLY " : "")}{SqlName.Quote(table.Root.Schema, table.Root.Name)}";
        try
        {
            await connection.ExecuteAsync($"CREATE TEMPORARY TABLE {table.Kept} AS SELECT {key} AS key, ARRAY[{values}]::bigint[] AS hashes FROM {from} AS t", ct);
            if (!isUnique && table.Key is not null && !await connection.ScalarAsync<bool>($"SELECT count(*) = count(DISTINCT key) FROM {table.Kept}", ct))
                table = table with { Key = null };
            Tables.Add(table);
        }
        // For example a foreign partition, or no free space for temporary tables.
        catch (PostgresException e)
        {
            ct.ThrowIfCancellationRequested();
            Missing[table.Root.Oid] = e.MessageText;
        }
    }
}

/// <summary>One column, by its number, which is never used again.</summary>
internal sealed record CopiedColumn(short Number, string Name, string Type, uint TypeOid, int Modifier);

/// <summary>A table, or a partitioned table with all its partitions.</summary>
/// <param name="Members">The tables that its rows are in.</param>
/// <param name="Key">The columns that identify its rows; null: there is no key.</param>
internal sealed record CopiedTable(TableState Root, IReadOnlyList<uint> Members, IReadOnlyList<CopiedColumn> Columns, IReadOnlyList<short>? Key)
{
    public string Kept => $"pg_temp.dbsafety_rows_{Root.Oid}";

    public string Display => new RelationName(Root.Schema, Root.Name).Display("public");
}
