using DbSafety.Analysis;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>A statement of a script failed; what PostgreSQL said is the inner exception.</summary>
internal sealed class StatementFailedException(MigrationError error, PostgresException? cause) : Exception(error.ToString(), cause)
{
    public MigrationError Error { get; } = error;

    /// <summary>A procedure or DO block wanted to end a transaction that is not its own.</summary>
    public bool WantsToCommit => Error.SqlState == PostgresErrorCodes.InvalidTransactionTermination;

    /// <summary>A lock was not to be had within <c>lock_timeout</c>, or a deadlock was broken: another try may succeed.</summary>
    public bool MayBeRetried => Error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;
}

/// <summary>Runs the statements of one script one after the other, and says at which it is.</summary>
/// <param name="total">The script's statements.</param>
internal sealed class StatementRunner(NpgsqlConnection connection, MigrationFile migration, int total, IOperationEvents events)
{
    private readonly string file = migration.RelativePath;

    /// <param name="number">1-based place in the script.</param>
    public Task RunAsync(SqlStatement statement, int number, CancellationToken ct)
    {
        events.Progress($"Migrating {connection.Database}", $"{migration.Name}: statement {number} of {total}: {statement.Excerpt}", (number - 1.0) / total);
        return RunAsync(statement, ct);
    }

    private async Task RunAsync(SqlStatement statement, CancellationToken ct)
    {
        if (statement.IsPsqlCommand)
            throw new StatementFailedException(new MigrationError(file, statement.Line, statement.Excerpt, "42601", "this line is for psql alone", null, null), null);
        try
        {
            if (statement.CopyData is { } rows)
                await CopyAsync(statement, rows, ct);
            else
                await connection.ExecuteAsync(HasInnerSemicolon(statement) ? InOnePiece(statement.Text) : statement.Text, ct);
        }
        catch (PostgresException e) when (e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown))
        {
            ct.ThrowIfCancellationRequested();
            throw new StatementFailedException(MigrationError.From(e, file, statement), e);
        }
    }

    /// <summary>A body between BEGIN ATOMIC and END.</summary>
    private static bool HasInnerSemicolon(SqlStatement statement) =>
        statement.Contains("atomic") && statement.Tokens.Any(t => t.IsMark(';'));

    /// <summary>Npgsql would cut such a statement at its semicolons; inside of a literal it leaves it alone.</summary>
    private static string InOnePiece(string statement) => "DO " + SqlName.Literal($"BEGIN EXECUTE {SqlName.Literal(statement)}; END");

    private async Task CopyAsync(SqlStatement statement, string rows, CancellationToken ct)
    {
        await using var writer = await connection.BeginTextImportAsync(statement.Text, ct);
        await writer.WriteAsync(rows.AsMemory(), ct);
    }
}
