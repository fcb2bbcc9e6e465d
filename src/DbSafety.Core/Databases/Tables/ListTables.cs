using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>The name of a table, as PostgreSQL stores it; its text form is quoted if necessary.</summary>
public sealed record TableName(string Schema, string Name)
{
    public override string ToString() => SqlName.Display(Schema, Name);
}

/// <summary>Lists the tables of a database that a role can see, without their rows and without system tables.</summary>
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
