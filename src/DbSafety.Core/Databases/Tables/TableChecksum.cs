using System.Globalization;
using System.Numerics;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// A hash over the rows of a table, independent of their order, computed by the server. Two tables with the same rows have the same hash on any
/// server of version 12 and later. <c>docs/checksums.md</c> describes the algorithm; change neither without the other.
/// </summary>
internal sealed class TableChecksum
{
    private const uint CharType = 18; // "char", one byte: PostgreSQL 16 and later print it differently

    // A restore computes generated columns again; a dump does not contain them.
    private const string ColumnsSql = """
        SELECT n.nspname, c.relname, a.attname, a.atttypid
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
        ORDER BY n.nspname, c.relname, a.attname COLLATE "C"
        """;

    /// <summary>All settings on which the text of a value depends.</summary>
    private const string Settings = """
        SET LOCAL extra_float_digits = 3; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC';
        SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL xmloption = 'content'; SET LOCAL search_path = pg_catalog
        """;

    private static readonly BigInteger Lane = BigInteger.One << 64;

    private readonly ILookup<(string Schema, string Table), string> columns;
    private readonly string encoding;

    private TableChecksum(ILookup<(string, string), string> columns, string encoding)
    {
        this.columns = columns;
        this.encoding = encoding;
    }

    /// <summary>Reads the columns of the tables, in the transaction of the count.</summary>
    public static async Task<TableChecksum> PrepareAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var columns = await connection.ListAsync(
            ColumnsSql,
            r => (Table: (r.GetString(0), r.GetString(1)), Value: SqlName.Quote(r.GetString(2)) + (r.GetFieldValue<uint>(3) == CharType ? "::pg_catalog.int4" : "")),
            ct);
        // Bytes of an unknown encoding cannot be converted: they are hashed as they are.
        var server = await connection.ScalarAsync<string>("SELECT pg_catalog.current_setting('server_encoding')", ct);
        return new TableChecksum(columns.ToLookup(c => c.Table, c => c.Value), server == "SQL_ASCII" ? "SQL_ASCII" : "UTF8");
    }

    /// <summary>For each transaction that counts; the settings end with the transaction.</summary>
    public static Task<int> ApplySettingsAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ExecuteAsync(Settings, ct);

    /// <summary>Reads row count and checksum of a table in one scan. All names are schema-qualified, regardless of search_path.</summary>
    public string Sql(TableCatalog.Table table)
    {
        var row = $"ROW({string.Join(", ", columns[(table.Schema, table.Name)])})::pg_catalog.text";
        // OFFSET 0 prevents the planner from flattening the subquery, which would compute every hash twice.
        return $"""
            SELECT pg_catalog.count(*), coalesce(pg_catalog.sum({Half(1)}), 0)::pg_catalog.text, coalesce(pg_catalog.sum({Half(17)}), 0)::pg_catalog.text
            FROM (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to({row}, '{encoding}')), 'hex') AS h FROM {table.Source} OFFSET 0) AS hashes
            """;
    }

    /// <summary>The checksum that <see cref="Sql"/> has read.</summary>
    public static string Read(NpgsqlDataReader reader) => Hex(reader.GetString(1)) + Hex(reader.GetString(2));

    /// <summary>The checksum of all rows of several tables; tables that share a root have the same columns.</summary>
    public static string Sum(IEnumerable<string> checksums)
    {
        var (first, second) = (0UL, 0UL);
        foreach (var checksum in checksums)
        {
            first += ulong.Parse(checksum.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            second += ulong.Parse(checksum.AsSpan(16, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return first.ToString("x16", CultureInfo.InvariantCulture) + second.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string Half(int from) => $"('x' OPERATOR(pg_catalog.||) pg_catalog.substr(h, {from}, 16))::pg_catalog.bit(64)::pg_catalog.int8";

    /// <summary>A sum of signed numbers, modulo 2^64, as 16 digits.</summary>
    private static string Hex(string sum)
    {
        var rest = BigInteger.Remainder(BigInteger.Parse(sum, CultureInfo.InvariantCulture), Lane);
        return ((ulong)(rest.Sign < 0 ? rest + Lane : rest)).ToString("x16", CultureInfo.InvariantCulture);
    }
}
