using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>How PostgreSQL converts one type to another.</summary>
internal enum CastKind
{
    /// <summary>There is no cast.</summary>
    None,

    /// <summary>The bytes stay as they are.</summary>
    Relabel,

    /// <summary>A function of pg_cast.</summary>
    Function,

    /// <summary>By I/O conversion, through text.</summary>
    Text,

    /// <summary>Element by element.</summary>
    Array,

    /// <summary>Rows of tables, which inheritance can relate.</summary>
    Unknown,
}

/// <summary>
/// Finds the cast that PostgreSQL uses, by its own rules (<c>find_coercion_pathway</c> in its source, https://www.postgresql.org/docs/current/sql-createcast.html): pg_cast for the base types of both;
/// arrays by their elements; to a string type, and explicitly from one, by text.
/// </summary>
internal sealed class CastPaths(NpgsqlConnection connection, TypeCatalog types)
{
    private const uint Int2Vector = 22, OidVector = 30;

    /// <param name="isExplicit">False: the assignment that ALTER COLUMN TYPE does without USING.</param>
    public async Task<CastKind> FindAsync(CatalogType from, CatalogType to, bool isExplicit, CancellationToken ct)
    {
        if (from.Base == to.Base)
            return CastKind.Relabel;
        var casts = await connection.ListAsync(
            "SELECT castmethod, castcontext FROM pg_catalog.pg_cast WHERE castsource = $1::oid AND casttarget = $2::oid", r => (Method: r.GetChar(0), Context: r.GetChar(1)), ct, (long)from.Base, (long)to.Base);
        if (casts is [var cast])
            return !isExplicit && cast.Context == 'e' ? CastKind.None : cast.Method switch { 'b' => CastKind.Relabel, 'i' => CastKind.Text, _ => CastKind.Function };
        if (from.Element != 0 && to.Element != 0 && to.Base is not (Int2Vector or OidVector)
            && await FindAsync(await types.ReadAsync(from.Element, null, ct), await types.ReadAsync(to.Element, null, ct), isExplicit, ct) is var element && element != CastKind.None)
            return element == CastKind.Unknown ? element : CastKind.Array;
        if (to.Category == 'S' || (isExplicit && from.Category == 'S'))
            return CastKind.Text;
        return from.BaseKind == 'c' && to.BaseKind == 'c' && await IsRowOfTableAsync(from.Base, ct) ? CastKind.Unknown : CastKind.None;
    }

    private Task<bool> IsRowOfTableAsync(uint type, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE t.oid = $1::oid AND c.relkind <> 'c')", ct, (long)type);

    /// <summary>Whether a limit of the type is applied by a function.</summary>
    public Task<bool> HasLengthFunctionAsync(uint type, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_cast WHERE castsource = $1::oid AND casttarget = $1::oid)", ct, (long)type);
}
