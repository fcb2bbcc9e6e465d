using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>A statement of a script failed; PostgreSQL's error is the inner exception.</summary>
internal sealed class StatementFailedException(MigrationError error, PostgresException? cause) : Exception(error.ToString(), cause)
{
    public MigrationError Error { get; } = error;

    /// <summary>A procedure or DO block wanted to end a transaction that is not its own.</summary>
    public bool WantsToCommit => Error.SqlState == PostgresErrorCodes.InvalidTransactionTermination;

    /// <summary>A lock was not available within <c>lock_timeout</c>, or a deadlock was detected: a retry may succeed.</summary>
    public bool MayBeRetried => Error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;
}
