using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>The history of a tool that runs its migrations itself: nothing is ever written to it.</summary>
internal abstract class ReadOnlyHistory : IMigrationHistory
{
    public abstract string Name { get; }

    public abstract (string Schema, string Table) Relation { get; }

    public abstract Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct);

    public Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct) => throw Refusal();

    public Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) => throw Refusal();

    public Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct) => throw Refusal();

    public Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct) => throw Refusal();

    public Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct) => throw Refusal();

    public Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct) => throw Refusal();

    public Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) => throw Refusal();

    /// <summary>The error for an attempt to write to it.</summary>
    protected abstract Exception Refusal();
}
