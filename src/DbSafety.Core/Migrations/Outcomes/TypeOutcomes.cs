using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with changes of types: composite types that tables use, and names and labels that are already used.</summary>
internal sealed class TypeOutcomes(NpgsqlConnection connection)
{
    /// <summary>The columns of tables and materialized views that store values of the type, in arrays, domains, ranges and other composite types too.</summary>
    private const string UsedSql =
        """
        WITH RECURSIVE made(oid) AS (
            SELECT $1::oid
            UNION SELECT n.oid FROM made m CROSS JOIN LATERAL (
                SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typelem = m.oid OR t.typbasetype = m.oid
                UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngsubtype = m.oid
                UNION ALL SELECT c.reltype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind = 'c' WHERE a.atttypid = m.oid AND NOT a.attisdropped) n)
        SELECT c.relname::text, a.attname::text FROM made m JOIN pg_catalog.pg_attribute a ON a.atttypid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm', 'p') ORDER BY 1, 2 LIMIT 1
        """;

    public async Task<Outcome?> ReadAsync(LiveEffect live, ObjectAction action, CancellationToken ct)
    {
        var name = live.Effect.Object.Name;
        var type = (await connection.ListAsync("SELECT t.oid, t.typtype, c.relkind = 'c', coalesce(t.typrelid, 0) FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE t.oid = pg_catalog.to_regtype($1)",
            r => (Oid: r.GetFieldValue<uint>(0), Kind: r.GetChar(1), IsComposite: !r.IsDBNull(2) && r.GetBoolean(2), Relation: r.GetFieldValue<uint>(3)), ct, name.Sql)).FirstOrDefault();
        if (type.Oid == 0)
            return null;
        return action switch
        {
            ObjectAction.AddValue or ObjectAction.RenameValue when type.Kind == 'e' => await OfLabelAsync(live, type.Oid, action, ct),
            ObjectAction.RenameTo rename => await TakenAsync(type.Oid, rename.Name, ct),
            ObjectAction.AlterAttribute or ObjectAction.DropAttribute or ObjectAction.RenameAttribute or ObjectAction.Other { Words: "add" } when type.IsComposite => await OfCompositeAsync(live, type.Oid, name, action, ct),
            _ => null,
        };
    }

    private async Task<Outcome?> OfCompositeAsync(LiveEffect live, uint type, RelationName name, ObjectAction action, CancellationToken ct)
    {
        if (!live.Statement.Contains("cascade") && await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE reloftype = $1::oid)", ct, (long)type))
            return Outcome.Refused($"cannot alter type {SqlName.Quote(name.Name)} because it is the type of a typed table");
        return action is ObjectAction.AlterAttribute && await connection.ListAsync(UsedSql, r => (Table: r.GetString(0), Column: r.GetString(1)), ct, (long)type) is [var used]
            ? Outcome.Refused($"cannot alter type {SqlName.Quote(name.Name)} because column {SqlName.Quote(used.Table, used.Column)} uses it") : null;
    }

    private async Task<Outcome?> OfLabelAsync(LiveEffect live, uint type, ObjectAction action, CancellationToken ct)
    {
        var labels = await connection.ListAsync("SELECT enumlabel::text FROM pg_catalog.pg_enum WHERE enumtypid = $1::oid", r => r.GetString(0), ct, (long)type);
        return action switch
        {
            ObjectAction.AddValue add when labels.Contains(add.Label) => live.Statement.Contains("exists") ? Outcome.Nothing("the enum value already exists") : Outcome.Refused($"enum label {SqlName.Quote(add.Label)} already exists"),
            ObjectAction.RenameValue rename when !labels.Contains(rename.Label) => Outcome.Refused($"{SqlName.Quote(rename.Label)} is not an existing enum label"),
            ObjectAction.RenameValue rename => Outcome.RefusedIf(labels.Contains(rename.NewLabel), $"enum label {SqlName.Quote(rename.NewLabel)} already exists"),
            _ => null,
        };
    }

    private async Task<Outcome?> TakenAsync(uint type, string name, CancellationToken ct) =>
        await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type o ON o.oid = $1::oid AND o.typnamespace = t.typnamespace WHERE t.typname = $2 AND NOT (t.typelem <> 0 AND t.typlen = -1))", ct, (long)type, name)
            ? Outcome.Refused($"type {SqlName.Quote(name)} already exists") : null;
}
