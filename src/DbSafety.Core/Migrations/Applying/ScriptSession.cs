using DbSafety.Analysis;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The session that one script is run in: no setting of one reaches the next.</summary>
internal sealed record ScriptSession(NpgsqlConnection Connection, MigrationProject Project, Coverage Coverage, ApplySettings Settings, IOperationEvents Events)
{
    public StatementRunner Runner(MigrationFile file, ScriptPlan plan) => new(Connection, file, plan.Statements.Count, Events);

    /// <summary>The script may have taken on a role that may not write to the ledger.</summary>
    public Task ResetRoleAsync(CancellationToken ct) => Connection.ExecuteAsync("RESET SESSION AUTHORIZATION; RESET ROLE", ct);

    /// <summary>Deferred constraints speak up here. Once begun it is not cancelled: nobody could say how it ended.</summary>
    public async Task CommitAsync(MigrationFile file, IReadOnlyList<SqlStatement> statements)
    {
        try
        {
            await Connection.ExecuteAsync("COMMIT", CancellationToken.None);
        }
        catch (PostgresException e) when (statements.Count > 0)
        {
            throw new StatementFailedException(MigrationError.From(e, file.RelativePath, statements[^1]), e);
        }
    }

    public async Task RollBackAsync()
    {
        try
        {
            if (Connection.State == System.Data.ConnectionState.Open)
                await Connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session is gone, and PostgreSQL has rolled back by itself.
        }
    }
}
