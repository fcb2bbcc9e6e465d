using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>The history of a tool that only the project's own command can read: DbSafety neither reads nor writes it.</summary>
internal sealed class UnknownHistory : ReadOnlyHistory
{
    public override string Name => "the command's own";

    public override (string Schema, string Table) Relation => ("", "");

    public override Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) => Task.FromResult<IReadOnlyList<HistoryEntry>>([]);

    protected override Exception Refusal() => new NotSupportedException();
}
