using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>A type as in the catalog; its base type determines the casts.</summary>
/// <param name="Name">As <c>format_type</c> writes it, with its limit.</param>
/// <param name="Base">For a domain its ultimate base type; otherwise the type itself.</param>
/// <param name="BaseName">The same as SQL, with its limit.</param>
/// <param name="BareName">The same without the limit.</param>
/// <param name="Element">Of an array; else 0.</param>
/// <param name="IsChecked">A domain that has constraints, or is based on one that has.</param>
internal sealed record CatalogType(uint Oid, string Name, uint Base, string BaseName, string BareName, char Kind, char BaseKind, char Category, uint Element, bool IsChecked)
{
    public bool IsDomain => Kind == 'd';
}

/// <summary>Reads types. Only the catalog is read: no value is converted to a domain, because that would evaluate its constraints.</summary>
internal sealed class TypeCatalog(NpgsqlConnection connection)
{
    private readonly Dictionary<uint, CatalogType> known = [];

    /// <param name="name">As <c>format_type</c> writes it, with its limit; null: without one.</param>
    public async Task<CatalogType> ReadAsync(uint oid, string? name, CancellationToken ct)
    {
        if (!known.TryGetValue(oid, out var type))
        {
            known[oid] = type = (await connection.ListAsync(
                """
                WITH RECURSIVE bases(oid, typmod, step) AS (
                    SELECT $1::oid, -1, 0
                    UNION ALL SELECT t.typbasetype, t.typtypmod, b.step + 1 FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
                SELECT pg_catalog.format_type($1::oid, -1), b.oid, pg_catalog.format_type(b.oid, b.typmod), pg_catalog.format_type(b.oid, -1), (SELECT typtype FROM pg_catalog.pg_type WHERE oid = $1::oid), t.typtype, t.typcategory,
                    CASE WHEN t.typlen = -1 THEN t.typelem ELSE 0 END,
                    EXISTS (SELECT FROM bases c JOIN pg_catalog.pg_type d ON d.oid = c.oid WHERE d.typtype = 'd' AND (d.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contypid = d.oid)))
                FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid ORDER BY b.step DESC LIMIT 1
                """,
                r => new CatalogType(oid, r.GetString(0), r.GetFieldValue<uint>(1), r.GetString(2), r.GetString(3), r.GetChar(4), r.GetChar(5), r.GetChar(6), r.GetFieldValue<uint>(7), r.GetBoolean(8)), ct, (long)oid))[0];
        }

        return name is null || type.IsDomain ? type : type with { Name = name, BaseName = name };
    }

    /// <summary>The type as written in a script. PostgreSQL parses the limit: EXPLAIN prints a NULL of the type, which is not evaluated.</summary>
    /// <exception cref="PostgresException">There is no such type.</exception>
    public async Task<CatalogType> ReadAsync(string written, CancellationToken ct)
    {
        var oid = await connection.ScalarAsync<uint>("SELECT $1::pg_catalog.text::pg_catalog.regtype::oid", ct, written);
        if (await ReadAsync(oid, null, ct) is { IsDomain: true } domain)
            return domain;
        const string Mark = "NULL::";
        var lines = await connection.ListAsync($"EXPLAIN (VERBOSE, COSTS OFF) SELECT NULL::{written}", r => r.GetString(0), ct);
        var line = lines.Find(l => l.Contains(Mark, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"EXPLAIN prints no type: {string.Join(' ', lines)}");
        return await ReadAsync(oid, line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Trim(), ct);
    }

    /// <summary>The type of an expression over the table; it is only analysed.</summary>
    public async Task<uint> OfExpressionAsync(string expression, string from, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT ({expression}) FROM {from} LIMIT 0", connection);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, ct);
        return reader.GetDataTypeOID(0);
    }
}
