using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>CREATE INDEX CONCURRENTLY that fails or is interrupted leaves an invalid index, which is updated but not used.</summary>
internal sealed class InvalidIndexes(NpgsqlConnection connection, IOperationEvents events)
{
    /// <summary>An invalid index of an earlier attempt would make the statement fail, or with IF NOT EXISTS be accepted as the index.</summary>
    public async Task DropLeftoverAsync(SqlStatement statement, CancellationToken ct)
    {
        if (CommandParser.Parse(statement) is not Command.CreateIndex { IsConcurrent: true, Name: { } index } create)
            return;
        var invalid = await connection.ScalarAsync<string>(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indrelid = to_regclass($1) AND c.relname = $2 AND NOT i.indisvalid
            """,
            ct, create.Table.Sql, index);
        if (invalid is null)
            return;
        await connection.ExecuteAsync($"DROP INDEX CONCURRENTLY {invalid}", ct);
        events.Warning($"dropped the invalid index {invalid}, which was left by a failed attempt");
    }

    /// <summary>Whether the index to create already exists and is valid, or the index to drop no longer exists.</summary>
    public async Task<bool> IsDoneAsync(SqlStatement statement, CancellationToken ct)
    {
        var done = await FindAsync(statement, ct);
        if (done)
            events.Warning($"an earlier run has already executed this statement: {statement.Excerpt}");
        return done;
    }

    private async Task<bool> FindAsync(SqlStatement statement, CancellationToken ct)
    {
        if (CommandParser.Parse(statement) is Command.CreateIndex { Name: { } index } create)
        {
            return await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass($1) AND c.relname = $2 AND i.indisvalid)", ct, create.Table.Sql, index);
        }

        var cursor = new TokenCursor(statement.Tokens);
        return cursor.Take("drop", "index", "concurrently") && cursor.TakeRelation(null) is { } dropped
            && await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NULL", ct, dropped.Sql);
    }

    public async Task ReportAsync()
    {
        try
        {
            foreach (var index in await connection.ListAsync("SELECT indexrelid::regclass::text FROM pg_catalog.pg_index WHERE NOT indisvalid", r => r.GetString(0), CancellationToken.None))
                events.Warning($"index {index} is invalid: it slows down every write and is not used by queries; the next attempt drops it first");
        }
        catch (NpgsqlException)
        {
            // The session is in a failed transaction or lost; the error itself is reported by the caller.
        }
    }
}
