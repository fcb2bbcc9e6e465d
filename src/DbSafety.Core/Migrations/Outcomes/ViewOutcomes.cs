using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>CREATE OR REPLACE VIEW cannot drop, rename or change the type of existing columns. The query is only analysed.</summary>
internal sealed class ViewOutcomes(NpgsqlConnection connection)
{
    /// <summary>Types whose limits are compared: char, varchar and numeric.</summary>
    private static readonly uint[] Limited = [1042, 1043, 1700];

    public async Task<Outcome?> ReadAsync(LiveEffect live, RelationName name, CancellationToken ct)
    {
        if (await CatalogRelation.FindAsync(connection, name, ct) is not { } view)
            return null;
        if (view.Kind != 'v')
            return Outcome.Refused($"{view.Quoted} is not a view");
        if (Query(live.Statement) is not (var query, var names))
            return null;
        var there = await connection.ListAsync(
            "SELECT attname::text, atttypid, pg_catalog.format_type(atttypid, -1), pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            r => (Name: r.GetString(0), Type: r.GetFieldValue<uint>(1), Bare: r.GetString(2), Limited: r.GetString(3)), ct, (long)view.Oid);
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, ct);
        if (reader.FieldCount < there.Count)
            return Outcome.Refused("cannot drop columns from view");
        for (var i = 0; i < there.Count; i++)
        {
            var (old, column) = (there[i], i < names.Count ? names[i] : reader.GetName(i));
            if (column != old.Name)
                return Outcome.Refused($"cannot change name of view column {SqlName.Quote(old.Name)} to {SqlName.Quote(column)}");
            // A literal without a type becomes text.
            if (reader.GetDataTypeOID(i) != old.Type || (Limited.Contains(old.Type) && reader.GetDataTypeName(i) != old.Limited))
                return Outcome.Refused($"cannot change data type of view column {SqlName.Quote(old.Name)} from {old.Limited} to {reader.GetDataTypeName(i)}");
        }

        return null;
    }

    /// <summary>With the names of its columns, where it lists any.</summary>
    private static (string Query, IReadOnlyList<string> Names)? Query(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        if (!cursor.Take("create", "or", "replace", "view"))
            return null;
        cursor.TakeRelation(null);
        var names = cursor.TakeNamesInParentheses();
        cursor.BackTo(cursor.Find("as"));
        if (!cursor.Take("as"))
            return null;
        var (from, to) = (cursor.Position, statement.Tokens.Count);
        if (to > from + 3 && statement.Tokens[to - 1].Is("option") && statement.Tokens[to - 2].Is("check"))
            to -= statement.Tokens[to - 3].Is("with") ? 3 : 4;
        return (statement.TextOf(from, to), names);
    }
}
