using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>What PostgreSQL does with a change of a column's type, according to the catalog. No value is converted.</summary>
internal sealed class TypeChangePlan
{
    private readonly string column;
    private readonly bool hasCastBack;
    private readonly string? usingText;

    private TypeChangePlan(string column, CatalogType old, CatalogType type, string? refusedBecause, bool hasCastBack, string? usingText) =>
        (this.column, Old, New, RefusedBecause, this.hasCastBack, this.usingText) = (column, old, type, refusedBecause, hasCastBack, usingText);

    public CatalogType Old { get; }

    public CatalogType New { get; }

    /// <summary>Why PostgreSQL rejects the statement regardless of the rows; null if it does not.</summary>
    public string? RefusedBecause { get; }

    /// <summary>The statement with a USING clause that PostgreSQL accepts; null if there is none, or if PostgreSQL accepts the statement as written.</summary>
    public string? Using { get; private init; }

    /// <summary>The rows are not rewritten.</summary>
    public bool IsStoredAlike { get; private init; }

    private string Value { get; init; } = "";

    /// <summary>Raises an error if the value cannot be converted.</summary>
    public string Tried => ConvertedValue.Tried(Value, New);

    /// <summary>The converted value.</summary>
    public string Converted => ConvertedValue.Assigned(Value, New);

    /// <summary>Whether the value that is converted back is different. Raises an error if it cannot be converted back.</summary>
    public string Differs => ConvertedValue.Differs(WayBack.Of(usingText, Converted, Old, New) ?? ConvertedValue.Back(Converted, Old, New, hasCastBack), column, Old);

    /// <param name="column">Its name now.</param>
    /// <param name="from">The FROM clause in which the expressions are evaluated.</param>
    /// <param name="named">The column's name there, quoted.</param>
    /// <returns>Null where there is no such column.</returns>
    public static async Task<TypeChangePlan?> ReadAsync(NpgsqlConnection connection, LiveTable table, string column, LiveTypeChange change, string from, string named, CancellationToken ct)
    {
        var types = new TypeCatalog(connection);
        var paths = new CastPaths(connection, types);
        var found = await connection.ListAsync(
            """
            SELECT a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '', a.attidentity <> '', pg_catalog.pg_get_expr(d.adbin, d.adrelid)
            FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = $1::oid AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
            """,
            r => (Type: r.GetFieldValue<uint>(0), Name: r.GetString(1), IsGenerated: r.GetBoolean(2), IsIdentity: r.GetBoolean(3), Default: r.IsDBNull(4) ? null : r.GetString(4)), ct, (long)table.Oid, column);
        if (found is not [var stored])
            return null;
        var (old, type) = (await types.ReadAsync(stored.Type, stored.Name, ct), await types.ReadAsync(change.Type, ct));
        var (value, refused) = (old, (string?)null);
        if (change.Using is { } expression)
        {
            try
            {
                value = await types.ReadAsync(await types.OfExpressionAsync(expression, from, ct), null, ct);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CannotCoerce or PostgresErrorCodes.DatatypeMismatch)
            {
                refused = e.MessageText;
            }
        }

        var name = SqlName.Display(column);
        if (stored.IsGenerated && change.Using is not null)
            refused = $"cannot specify USING when altering type of generated column {name}";
        if (refused is not null)
            return new TypeChangePlan(named, old, type, refused, hasCastBack: false, change.Using);
        var needsUsing = await paths.FindAsync(value, type, isExplicit: false, ct) == CastKind.None;
        if (needsUsing)
            refused = $"{(change.Using is null ? "column" : "the result of USING clause for column")} {name} cannot be cast automatically to type {type.Name}";
        else if (change.KeepsDefault && stored.Default is { } text && await OfDefaultAsync(types, text, from, ct) is { } ofDefault && await paths.FindAsync(ofDefault, type, isExplicit: false, ct) == CastKind.None)
            refused = $"{(stored.IsGenerated ? "generation expression" : "default")} for column {name} cannot be cast automatically to type {type.Name}";
        else if (stored.IsIdentity && type.BaseName is not ("smallint" or "integer" or "bigint"))
            refused = "identity column type must be smallint, integer, or bigint";
        else if (change.KeepsObjects)
            refused = await Refusals.FindAsync(connection, table, column, old, type, ct);
        List<CatalogType>? steps = change.Casts is null ? null : [];
        foreach (var cast in change.Casts ?? [])
            steps!.Add(await types.ReadAsync(cast, ct));
        steps?.Add(type);
        return new TypeChangePlan(named, old, type, refused, await paths.FindAsync(type, old, isExplicit: true, ct) is not (CastKind.None or CastKind.Unknown), change.Using)
        {
            Value = change.Using ?? named,
            Using = needsUsing && change.Using is null && await paths.FindAsync(old, type, isExplicit: true, ct) != CastKind.None ? $"ALTER TABLE {table.Display("public")} ALTER COLUMN {name} TYPE {change.Type} USING {name}::{change.Type};" : null,
            IsStoredAlike = refused is null && steps is not null && await new StoredForm(connection, paths).IsKeptAsync(old, steps, change.IsZoneKnown, ct),
        };
    }

    /// <summary>PostgreSQL prints a default without the casts that it added itself, and removes them before it looks for a cast to the new type.</summary>
    private static async Task<CatalogType?> OfDefaultAsync(TypeCatalog types, string expression, string from, CancellationToken ct) =>
        await types.ReadAsync(await types.OfExpressionAsync(expression, from, ct), null, ct) is { BaseKind: not 'p' } type ? type : null;
}
