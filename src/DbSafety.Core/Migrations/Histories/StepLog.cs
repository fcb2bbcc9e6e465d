using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>The progress of a script that is not one transaction.</summary>
/// <param name="Done">The number of finished statements.</param>
internal sealed record StepMark(string Name, string Checksum, int Done, int Statements, string? Error)
{
    /// <summary>A statement outside a transaction that was started and must not run twice; null: none.</summary>
    public int? Begun { get; init; }
}

/// <summary>
/// Records the progress of scripts that are not one transaction, in <c>dbsafety.steps</c>, so that the next run continues where this one was interrupted. A part
/// that is a transaction writes its mark inside the transaction. After a script has finished, its row is deleted.
/// </summary>
internal sealed class StepLog(IMigrationHistory history)
{
    private const string Table = "dbsafety.steps";

    /// <summary>The query for the id of the transaction that last wrote a mark, if it is the current one.</summary>
    public static string NewestSql => $"SELECT xmin FROM {Table} ORDER BY pg_catalog.age(xmin) LIMIT 1";

    public async Task<IReadOnlyList<StepMark>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        !await ExistsAsync(connection, ct) ? []
            : await connection.ListAsync(
                // Earlier releases created the table without the last column.
                $"SELECT name, checksum, done, statements, error, (to_jsonb(s) ->> 'begun')::int FROM {Table} s WHERE ledger = $1",
                r => new StepMark(r.GetString(0), r.GetString(1), r.GetInt32(2), r.GetInt32(3), r.Text(4)) { Begun = r.IsDBNull(5) ? null : r.GetInt32(5) }, ct, history.Name);

    public async Task BeginAsync(NpgsqlConnection connection, MigrationFile file, int done, int statements, CancellationToken ct)
    {
        await connection.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS dbsafety", ct);
        await connection.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS {Table} (ledger text, name text, checksum text NOT NULL, done int NOT NULL, statements int NOT NULL, error text, PRIMARY KEY (ledger, name))", ct);
        await connection.ExecuteAsync($"ALTER TABLE {Table} ADD COLUMN IF NOT EXISTS begun int", ct);
        await connection.ExecuteAsync(
            $"INSERT INTO {Table} VALUES ($1, $2, $3, $4, $5) ON CONFLICT (ledger, name) DO UPDATE SET checksum = $3, done = $4, statements = $5, error = NULL",
            ct, history.Name, file.Name, file.Checksum!, done, statements);
    }

    public Task MarkAsync(NpgsqlConnection connection, MigrationFile file, int done, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET done = $3, begun = NULL WHERE ledger = $1 AND name = $2", ct, history.Name, file.Name, done);

    /// <summary>Locks the mark of a script until the transaction ends.</summary>
    /// <returns>Its progress; null if its mark no longer exists.</returns>
    public async Task<int?> LockAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        await connection.ListAsync($"SELECT done FROM {Table} WHERE ledger = $1 AND name = $2 FOR UPDATE", r => r.GetInt32(0), ct, history.Name, file.Name) is [var done] ? done : null;

    /// <summary>Called before a statement outside a transaction that must not run twice.</summary>
    public Task IntendAsync(NpgsqlConnection connection, MigrationFile file, int statement, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET begun = $3 WHERE ledger = $1 AND name = $2", ct, history.Name, file.Name, statement);

    /// <summary>The statement has had no effect.</summary>
    public Task RevokeAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET begun = NULL WHERE ledger = $1 AND name = $2", ct, history.Name, file.Name);

    public Task FailAsync(NpgsqlConnection connection, string name, string error, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET error = $3 WHERE ledger = $1 AND name = $2", ct, history.Name, name, error);

    /// <summary>Deletes the mark, and drops the table and the schema with the last mark.</summary>
    public async Task EndAsync(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, ct))
            return;
        await connection.ExecuteAsync($"DELETE FROM {Table} WHERE ledger = $1 AND name = $2", ct, history.Name, name);
        await connection.ExecuteAsync(
            $"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM {Table}) THEN
                    DROP TABLE {Table};
                    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'dbsafety'::regnamespace)
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = 'dbsafety'::regnamespace) THEN
                        DROP SCHEMA dbsafety;
                    END IF;
                END IF;
            END $$
            """, ct);
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, Table);
}
