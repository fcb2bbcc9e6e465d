using DbSafety.Analysis;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The session that one script is run in: no setting of one reaches the next.</summary>
internal sealed record ScriptSession(NpgsqlConnection Connection, MigrationProject Project, Coverage Coverage, ApplySettings Settings, IOperationEvents Events)
{
    /// <summary>Keeps a script that others have run from running again.</summary>
    public required HistoryGuard History { get; init; }

    /// <summary>A second session, in no transaction.</summary>
    public required NpgsqlConnection Observer { get; init; }

    /// <summary>Sees from a third one what this one waits for.</summary>
    public required LockWatcher Watcher { get; init; }

    /// <summary>The rehearsal goes on, to find all there is to find; production rolls back.</summary>
    public required bool AllowsLosses { get; init; }

    /// <summary>Records what the scripts write; null: nobody asks for it.</summary>
    public OwnWrites? Own { get; init; }

    public ChangeGuard Guard() => new(Connection, Observer, Coverage, Project.Ledger.Relation) { Own = Own };

    /// <exception cref="DbSafetyException"><c>DBS409</c> more would be lost than was allowed.</exception>
    public void CheckAllowed(IReadOnlyList<UnexpectedLoss> losses, string outcome)
    {
        if (losses.Count > 0 && !AllowsLosses)
            throw ErrorCatalogue.VerifyLost.For(Connection.Database, string.Join("; ", losses), $"{outcome} Allow what you accept: {string.Join(" ", losses.Select(l => $"--allow '{l.AllowAs}'"))}");
    }

    public StatementRunner Runner(MigrationFile file, ScriptPlan plan) => new(this, file, plan.Statements.Count);

    /// <summary>Back to the role that the session was begun as.</summary>
    public const string OwnRole = "RESET SESSION AUTHORIZATION; RESET ROLE";

    public Task ResetRoleAsync(CancellationToken ct) => Connection.ExecuteAsync(OwnRole, ct);

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
