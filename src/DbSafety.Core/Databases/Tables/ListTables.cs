using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>A table's name, as PostgreSQL keeps it; as text quoted where it must be.</summary>
public sealed record TableName(string Schema, string Name)
{
    public override string ToString() => SqlName.Display(Schema, Name);
}

/// <summary>Lists the tables of a database that a role may see, without their rows; the system's own are left out.</summary>
public sealed class ListTables : IOperation<DatabaseListRequest, IReadOnlyList<TableName>>
{
    private const string Sql = """
        SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
         ORDER BY 1, 2
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TableName>> RunAsync(DatabaseListRequest request, IOperationEvents events, CancellationToken ct)
    {
        await using var connection = await request.Target.OpenAsync(ct);
        try
        {
            return await connection.ListAsync(Sql, reader => new TableName(reader.GetString(0), reader.GetString(1)), ct);
        }
        catch (NpgsqlException e)
        {
            throw PgSession.Translate(e, request.Target);
        }
    }
}
