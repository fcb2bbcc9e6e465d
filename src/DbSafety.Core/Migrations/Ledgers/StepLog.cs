using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Ledgers;

/// <summary>How far a script that is no transaction came.</summary>
/// <param name="Done">Its statements that are through.</param>
internal sealed record StepMark(string Name, string Checksum, int Done, int Statements, string? Error)
{
    /// <summary>A statement outside of a transaction that was begun and must not run twice; null: there is none.</summary>
    public int? Begun { get; init; }
}

/// <summary>
/// Keeps how far scripts that are no transaction came, in <c>dbsafety.steps</c>, so that the next run goes on where this one was cut off. A part
/// that is a transaction writes its mark inside of it. When a script is through, nothing of this is left.
/// </summary>
internal sealed class StepLog(IMigrationLedger ledger)
{
    private const string Table = "dbsafety.steps";

    /// <summary>The query for the id of the transaction that wrote a mark last, where that is the present one.</summary>
    public static string NewestSql => $"SELECT xmin FROM {Table} ORDER BY pg_catalog.age(xmin) LIMIT 1";

    public async Task<IReadOnlyList<StepMark>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        !await ExistsAsync(connection, ct) ? []
            : await connection.ListAsync(
                // Earlier releases made the table without the last column.
                $"SELECT name, checksum, done, statements, error, (to_jsonb(s) ->> 'begun')::int FROM {Table} s WHERE ledger = $1",
                r => new StepMark(r.GetString(0), r.GetString(1), r.GetInt32(2), r.GetInt32(3), r.Text(4)) { Begun = r.IsDBNull(5) ? null : r.GetInt32(5) }, ct, ledger.Name);

    public async Task BeginAsync(NpgsqlConnection connection, MigrationFile file, int done, int statements, CancellationToken ct)
    {
        await connection.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS dbsafety", ct);
        await connection.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS {Table} (ledger text, name text, checksum text NOT NULL, done int NOT NULL, statements int NOT NULL, error text, PRIMARY KEY (ledger, name))", ct);
        await connection.ExecuteAsync($"ALTER TABLE {Table} ADD COLUMN IF NOT EXISTS begun int", ct);
        await connection.ExecuteAsync(
            $"INSERT INTO {Table} VALUES ($1, $2, $3, $4, $5) ON CONFLICT (ledger, name) DO UPDATE SET checksum = $3, done = $4, statements = $5, error = NULL",
            ct, ledger.Name, file.Name, file.Checksum!, done, statements);
    }

    public Task MarkAsync(NpgsqlConnection connection, MigrationFile file, int done, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET done = $3, begun = NULL WHERE ledger = $1 AND name = $2", ct, ledger.Name, file.Name, done);

    /// <summary>Locks the mark of a script until the transaction ends.</summary>
    /// <returns>How far it came; null where its mark is gone.</returns>
    public async Task<int?> LockAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        await connection.ListAsync($"SELECT done FROM {Table} WHERE ledger = $1 AND name = $2 FOR UPDATE", r => r.GetInt32(0), ct, ledger.Name, file.Name) is [var done] ? done : null;

    /// <summary>Before a statement outside of a transaction that must not run twice.</summary>
    public Task IntendAsync(NpgsqlConnection connection, MigrationFile file, int statement, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET begun = $3 WHERE ledger = $1 AND name = $2", ct, ledger.Name, file.Name, statement);

    /// <summary>The statement has left nothing behind.</summary>
    public Task RevokeAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET begun = NULL WHERE ledger = $1 AND name = $2", ct, ledger.Name, file.Name);

    public Task FailAsync(NpgsqlConnection connection, string name, string error, CancellationToken ct) =>
        connection.ExecuteAsync($"UPDATE {Table} SET error = $3 WHERE ledger = $1 AND name = $2", ct, ledger.Name, name, error);

    /// <summary>Takes the mark away, and the table and schema with the last one.</summary>
    public async Task EndAsync(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, ct))
            return;
        await connection.ExecuteAsync($"DELETE FROM {Table} WHERE ledger = $1 AND name = $2", ct, ledger.Name, name);
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
