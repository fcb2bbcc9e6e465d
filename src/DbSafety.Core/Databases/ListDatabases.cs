using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>Lists the databases of a server.</summary>
public sealed class ListDatabases : IOperation<DatabaseListRequest, IReadOnlyList<PgDatabase>>
{
    // pg_database_size fails for a database without the CONNECT privilege.
    private const string Sql = """
        SELECT d.datname, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datallowconn,
               CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'MEMBER')
                    THEN pg_database_size(d.oid) END,
               (SELECT count(*)::int FROM pg_stat_activity a WHERE a.datid = d.oid AND a.pid <> pg_backend_pid()),
               shobj_description(d.oid, 'pg_database'), d.oid
          FROM pg_database d
         WHERE NOT d.datistemplate
         ORDER BY d.datname
        """;

    public async Task<IReadOnlyList<PgDatabase>> RunAsync(DatabaseListRequest request, IOperationEvents events, CancellationToken ct)
    {
        events.Verbose($"Listing the databases of {request.Target.Server}");
        await using var connection = await request.Target.OpenMaintenanceAsync(ct);
        try
        {
            return await connection.ListAsync(Sql, reader => Read(reader, request.Target, connection), ct);
        }
        catch (NpgsqlException e)
        {
            throw PgSession.Translate(e, request.Target);
        }
    }

    private static PgDatabase Read(NpgsqlDataReader reader, DatabaseTarget target, NpgsqlConnection connection) => new(target.On(reader.GetString(0)))
    {
        Owner = reader.GetString(1),
        Encoding = reader.GetString(2),
        Collate = reader.GetString(3),
        AllowsConnections = reader.GetBoolean(4),
        Bytes = reader.IsDBNull(5) ? null : reader.GetInt64(5),
        Connections = reader.GetInt32(6),
        Comment = reader.Text(7),
        IsRetained = RetainedNames.MarkOf(reader.GetString(0), reader.GetFieldValue<uint>(8), reader.Text(7)) is not null,
        ServerVersion = connection.ServerVersion,
        ServerMajor = connection.PostgreSqlVersion.Major,
    };
}
