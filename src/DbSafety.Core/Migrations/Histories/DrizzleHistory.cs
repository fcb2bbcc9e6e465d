using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>
/// <c>drizzle.__drizzle_migrations</c>, created and written like drizzle-orm's migrator for PostgreSQL: a row after a script has finished, with
/// the hash of its text and the time from the journal (up to 0.45, pg-core/dialect.ts), or its folder's name too (version 1.0 and later,
/// pg-core/async/session.ts and up-migrations/pg.ts). It does not record failures.
/// </summary>
internal sealed class DrizzleHistory(DrizzleSettings settings, IReadOnlyList<MigrationFile> files) : IMigrationHistory
{
    private readonly string table = SqlName.Quote(settings.Schema, settings.Table);

    public string Name => SqlName.Display(settings.Schema, settings.Table);

    public (string Schema, string Table) Relation => (settings.Schema, settings.Table);

    public async Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, ct))
            return [];
        var named = await HasNamesAsync(connection, ct);
        var rows = await connection.ListAsync(
            $"SELECT id::text, hash, created_at, {(named ? "name, applied_at" : "NULL::text, NULL::timestamptz")} FROM {table} ORDER BY id",
            r => new DrizzleRow(r.GetString(0), r.GetString(1), r.IsDBNull(2) ? 0 : r.GetInt64(2), r.Text(3), r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4)), ct);
        return DrizzleMatching.Match(settings.Layout, files, rows);
    }

    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (await ExistsAsync(connection, ct))
        {
            if (settings.Layout == DrizzleLayout.Folders && !await HasNamesAsync(connection, ct))
                await AddNamesAsync(connection, ct);
            return;
        }

        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", ct, settings.Schema))
            await connection.ExecuteAsync($"CREATE SCHEMA {SqlName.Quote(settings.Schema)}", ct);
        var names = settings.Layout == DrizzleLayout.Folders ? ", name text, applied_at timestamp with time zone DEFAULT now()" : "";
        await connection.ExecuteAsync($"CREATE TABLE {table} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint{names})", ct);
    }

    /// <summary>Nothing is written before a script has finished.</summary>
    public Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) => Task.FromResult(file.Name);

    public Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct) =>
        MarkAppliedAsync(connection, files.First(f => f.Name == id), ct);

    public Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct) => Task.CompletedTask;

    public Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct) => Task.CompletedTask;

    public Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct) => Task.CompletedTask;

    public Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) =>
        settings.Layout == DrizzleLayout.Folders
            ? connection.ExecuteAsync($"INSERT INTO {table} (hash, created_at, name) VALUES ($1, $2, $3)", ct, file.Checksum!, file.RecordedAs, file.Name)
            : connection.ExecuteAsync($"INSERT INTO {table} (hash, created_at) VALUES ($1, $2)", ct, file.Checksum!, file.RecordedAs);

    /// <summary>As drizzle-orm 1.0 does with a migration history of an earlier version (up-migrations/pg.ts).</summary>
    private async Task AddNamesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var known = await ReadAsync(connection, ct);
        await connection.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS name text", ct);
        await connection.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS applied_at timestamp with time zone DEFAULT now()", ct);
        foreach (var entry in known)
            await connection.ExecuteAsync($"UPDATE {table} SET name = $2, applied_at = NULL WHERE id = $1", ct, int.Parse(entry.Id, CultureInfo.InvariantCulture), entry.Name);
    }

    private async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, table);

    private async Task<bool> HasNamesAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'name' AND NOT attisdropped)", ct, table);
}
