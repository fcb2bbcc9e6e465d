using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>The migration history of a tool. Every call uses the specified connection, inside its transaction if it has one.</summary>
internal interface IMigrationHistory
{
    /// <summary>Its name for messages, such as <c>_prisma_migrations</c>.</summary>
    string Name { get; }

    /// <summary>Its table.</summary>
    (string Schema, string Table) Relation { get; }

    /// <summary>The rows in the order in which they were started; none if the history table does not exist yet.</summary>
    Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>Creates the history table if it does not exist.</summary>
    Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct);

    /// <summary>Records that a migration has started, and returns the row's id.</summary>
    Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct);

    Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct);

    Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct);

    /// <summary>Deletes the row of a started migration that had no effect.</summary>
    Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct);

    /// <summary>Marks the attempts that were started and not finished.</summary>
    Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct);

    /// <summary>Records a migration as applied without running it.</summary>
    Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct);
}
