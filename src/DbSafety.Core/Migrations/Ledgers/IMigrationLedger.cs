using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Ledgers;

/// <summary>Where a tool keeps which migrations have run. Every call uses the connection it is given, inside its transaction if it has one.</summary>
internal interface IMigrationLedger
{
    /// <summary>As people name it, such as <c>_prisma_migrations</c>.</summary>
    string Name { get; }

    /// <summary>Its table.</summary>
    (string Schema, string Table) Relation { get; }

    /// <summary>The rows in the order they were begun; none where the ledger has not been made yet.</summary>
    Task<IReadOnlyList<LedgerEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>Makes the ledger where it is not there.</summary>
    Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>Records that a migration has been begun, and gives the row's id.</summary>
    Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct);

    Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct);

    Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct);

    /// <summary>Takes a begun row away again, where nothing at all has happened.</summary>
    Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct);

    /// <summary>Marks the attempts that were begun and not finished.</summary>
    Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct);

    /// <summary>Records one that was not run by anybody here.</summary>
    Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct);
}
