using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary><c>dbsafety.migrations</c>, for SQL files that have no tool of their own.</summary>
internal sealed class SqlHistory : IMigrationHistory
{
    public string Name => "dbsafety.migrations";

    public (string Schema, string Table) Relation => ("dbsafety", "migrations");

    public async Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, ct))
            return [];
        return await connection.ListAsync(
            "SELECT id::text, name, checksum, applied_at, rolled_back_at, log FROM dbsafety.migrations ORDER BY id",
            r => new HistoryEntry(r.GetString(0), r.GetString(1), r.GetString(2), Time(r, 3), Time(r, 4), r.Text(5)), ct);
    }

    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (await ExistsAsync(connection, ct))
            return;
        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'dbsafety')", ct))
            await connection.ExecuteAsync("CREATE SCHEMA dbsafety", ct);
        await connection.ExecuteAsync(
            """
            CREATE TABLE dbsafety.migrations (
                id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name           text NOT NULL,
                checksum       text NOT NULL,
                started_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
                applied_at     timestamptz,
                duration       interval,
                applied_by     text NOT NULL DEFAULT session_user,
                rolled_back_at timestamptz,
                log            text
            )
            """, ct);
    }

    public async Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        (await connection.ScalarAsync<string>("INSERT INTO dbsafety.migrations (name, checksum) VALUES ($1, $2) RETURNING id::text", ct, file.Name, file.Checksum!))!;

    public Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct) =>
        connection.ExecuteAsync("UPDATE dbsafety.migrations SET applied_at = clock_timestamp(), duration = $2 WHERE id = $1::bigint", ct, id, duration);

    public Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct) =>
        connection.ExecuteAsync("UPDATE dbsafety.migrations SET log = $2 WHERE id = $1::bigint", ct, id, error.ToString());

    public Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct) =>
        connection.ExecuteAsync("DELETE FROM dbsafety.migrations WHERE id = $1::bigint", ct, id);

    public Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct) =>
        connection.ExecuteAsync("UPDATE dbsafety.migrations SET rolled_back_at = clock_timestamp() WHERE name = $1 AND applied_at IS NULL AND rolled_back_at IS NULL", ct, name);

    public Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        connection.ExecuteAsync("INSERT INTO dbsafety.migrations (name, checksum, applied_at, log) VALUES ($1, $2, clock_timestamp(), 'marked as applied')", ct, file.Name, file.Checksum!);

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass('dbsafety.migrations') IS NOT NULL", ct);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
