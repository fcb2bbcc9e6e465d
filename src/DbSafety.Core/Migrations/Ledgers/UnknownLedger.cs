using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Ledgers;

/// <summary>The history of a tool that only the project's own command knows: nothing is read, and nothing is ever written.</summary>
internal sealed class UnknownLedger : IMigrationLedger
{
    public string Name => "the command's own";

    public (string Schema, string Table) Relation => ("", "");

    public Task<IReadOnlyList<LedgerEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) => Task.FromResult<IReadOnlyList<LedgerEntry>>([]);

    public Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct) => throw new NotSupportedException();

    public Task<string> StartAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) => throw new NotSupportedException();

    public Task FinishAsync(NpgsqlConnection connection, string id, TimeSpan duration, CancellationToken ct) => throw new NotSupportedException();

    public Task FailAsync(NpgsqlConnection connection, string id, MigrationFile file, MigrationError error, CancellationToken ct) => throw new NotSupportedException();

    public Task ForgetAsync(NpgsqlConnection connection, string id, CancellationToken ct) => throw new NotSupportedException();

    public Task MarkRolledBackAsync(NpgsqlConnection connection, string name, CancellationToken ct) => throw new NotSupportedException();

    public Task MarkAppliedAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct) => throw new NotSupportedException();
}
