using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>
/// <c>_prisma_migrations</c>, created and written like Prisma (prisma-engines: sql_migration_persistence.rs, flavour/postgres.rs and
/// apply_migrations.rs): a row when a script begins, one step counted and a finishing time when it is done, the error in <c>logs</c>
/// when it fails.
/// </summary>
internal sealed class PrismaHistory(string schema) : IMigrationHistory
{
    private readonly string table = SqlName.Quote(schema, "_prisma_migrations");

    public string Name => "_prisma_migrations";

    public (string Schema, string Table) Relation => (schema, "_prisma_migrations");

    public async Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, ct))
            return [];
        return await connection.ListAsync(
            $"SELECT id, migration_name, checksum, finished_at, rolled_back_at, logs, coalesce(applied_steps_count, 1) FROM {table} ORDER BY started_at, id",
            r => new HistoryEntry(r.GetString(0), r.GetString(1), r.GetString(2), Time(r, 3), Time(r, 4), r.Text(5)) { IsMarked = r.GetInt32(6) == 0 }, ct);
    }

    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (await ExistsAsync(connection, ct))
            return;
        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", ct, schema))
            await connection.ExecuteAsync($"CREATE SCHEMA {SqlName.Quote(schema)}", ct);
        await connection.ExecuteAsync(
            $"""
            CREATE TABLE {table} (
                id                      VARCHAR(36) PRIMARY KEY NOT NULL,
                checksum                VARCHAR(64) NOT NULL,
                finished_at             TIMESTAMPTZ,
                migration_name          VARCHAR(255) NOT NULL,
                logs                    TEXT,
                rolled_back_at          TIMESTAMPTZ,
                started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
                applied_steps_count     INTEGER NOT NULL DEFAULT 0
            )
            """, ct);
    }

    public async Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var id = Guid.NewGuid().ToString();
        await connection.ExecuteAsync(
            $"INSERT INTO {table} (id, checksum, started_at, migration_name) VALUES ($1, $2, $3, $4)", ct, id, file.Checksum!, DateTime.UtcNow, file.Name);
        return id;
    }

    public Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {table} SET applied_steps_count = applied_steps_count + 1, finished_at = $2 WHERE id = $1", ct, id, DateTime.UtcNow);

    public Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {table} SET logs = $2 WHERE id = $1", ct, id, Log(file, error));

    public Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct) =>
        connection.ExecuteAsync($"DELETE FROM {table} WHERE id = $1", ct, id);

    public Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {table} SET rolled_back_at = $2 WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL", ct, name, DateTime.UtcNow);

    public Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        connection.ExecuteAsync(
            $"INSERT INTO {table} (id, checksum, logs, started_at, finished_at, migration_name) VALUES ($1, $2, '', $3, $3, $4)",
            ct, Guid.NewGuid().ToString(), file.Checksum!, DateTime.UtcNow, file.Name);

    /// <summary>The text of Prisma's P3018, which Prisma's <c>migrate status</c> shows.</summary>
    private static string Log(MigrationFile file, MigrationError error) =>
        $"""
        A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve

        Migration name: {file.Name}

        Database error code: {error.SqlState}

        Database error:
        ERROR: {error.Message}

        Position: line {error.Line}: {error.Statement}
        """.ReplaceLineEndings("\n") + "\n";

    private async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, table);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
