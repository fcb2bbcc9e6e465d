using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL requires for a foreign key: a unique key on exactly the referenced columns, types that can be compared, and tables that are both logged.</summary>
internal sealed class ForeignKeyOutcomes(NpgsqlConnection connection)
{
    /// <summary>Whether it is checked at once.</summary>
    private const string KeysSql =
        """
        SELECT i.indimmediate FROM pg_catalog.pg_index i
        WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = pg_catalog.cardinality($2::text[])
            AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C") FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) k JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k])
                = (SELECT pg_catalog.array_agg(n ORDER BY n COLLATE "C") FROM pg_catalog.unnest($2::text[]) n)
        """;

    /// <summary>An operator that compares both, or an implicit cast to the type of the index (<c>ATAddForeignKeyConstraint</c>).</summary>
    private static readonly string TypesSql =
        $"""
        WITH types AS (SELECT pg_catalog.to_regtype($1)::oid AS refers, pg_catalog.to_regtype($2)::oid AS referred, m.oid AS btree FROM pg_catalog.pg_am m WHERE m.amname = 'btree'),
        used AS (SELECT k.refers, {DependentObjects.DefaultClass("k.referred", "k.btree")} AS class FROM types k
            WHERE k.refers IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid IN (k.refers, k.referred) AND d.typtype = 'd'))
        SELECT EXISTS (SELECT FROM used u JOIN pg_catalog.pg_opclass o ON o.oid = u.class
            WHERE u.refers <> o.opcintype AND (SELECT typtype FROM pg_catalog.pg_type WHERE oid = o.opcintype) <> 'p'
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_amop a WHERE a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype AND a.amoprighttype = u.refers AND a.amopstrategy = 3)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = u.refers AND c.casttarget = o.opcintype AND c.castcontext = 'i'))
        """;

    /// <param name="persistence">Of the referencing table.</param>
    /// <param name="typeOf">The type of one of its columns; null if unknown.</param>
    public async Task<Outcome?> ReadAsync(char persistence, ConstraintDefinition constraint, Func<string, Task<string?>> typeOf, CancellationToken ct)
    {
        if (constraint.Referenced is not { } name || await CatalogRelation.FindAsync(connection, name, ct) is not { } referenced)
            return null;
        if (referenced.Kind is not ('r' or 'p'))
            return Outcome.Refused($"referenced relation {referenced.Quoted} is not a table");
        if (OfPersistence(persistence, referenced.Persistence) is { } refused)
            return refused;
        IReadOnlyList<string> columns = constraint.ReferencedColumns.Count > 0 ? constraint.ReferencedColumns : await PrimaryKeyAsync(referenced, ct);
        if (columns.Count == 0)
            return Outcome.Refused($"there is no primary key for referenced table {referenced.Quoted}");
        if (columns.Count != constraint.Columns.Count)
            return Outcome.Refused("number of referencing and referenced columns for foreign key disagree");
        var keys = await connection.ListAsync(KeysSql, r => r.GetBoolean(0), ct, (long)referenced.Oid, columns.ToArray());
        if (!keys.Contains(true))
            return Outcome.Refused(keys.Count == 0 ? $"there is no unique constraint matching given keys for referenced table {referenced.Quoted}" : $"cannot use a deferrable unique constraint for referenced table {referenced.Quoted}");
        for (var i = 0; i < columns.Count; i++)
        {
            if (await typeOf(constraint.Columns[i]) is { Length: > 0 } refers && await CatalogColumn.FindAsync(connection, referenced, columns[i], ct) is { } key
                && await connection.ScalarAsync<bool>(TypesSql, ct, refers, key.Type))
                return Outcome.Refused($"foreign key constraint cannot be implemented: key columns {SqlName.Quote(constraint.Columns[i])} and {SqlName.Quote(columns[i])} are of incompatible types: {refers} and {key.Type}");
        }

        return null;
    }

    private static Outcome? OfPersistence(char refers, char referred) => (refers, referred) switch
    {
        ('p', not 'p') => Outcome.Refused("constraints on permanent tables may reference only permanent tables"),
        ('u', 't') => Outcome.Refused("constraints on unlogged tables may reference only permanent or unlogged tables"),
        ('t', not 't') => Outcome.Refused("constraints on temporary tables may reference only temporary tables"),
        _ => null,
    };

    private Task<List<string>> PrimaryKeyAsync(CatalogRelation table, CancellationToken ct) => connection.ListAsync(
        "SELECT a.attname::text FROM pg_catalog.pg_constraint c CROSS JOIN pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num WHERE c.conrelid = $1::oid AND c.contype = 'p' ORDER BY k.at",
        r => r.GetString(0), ct, (long)table.Oid);
}
