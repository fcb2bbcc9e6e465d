using DbSafety.Databases;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Lists every migration there is on the disk or in the ledger, in the tool's order. Read only.</summary>
public sealed class GetMigrations : IOperation<MigrationListRequest, IReadOnlyList<PgMigration>>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PgMigration>> RunAsync(MigrationListRequest request, IOperationEvents events, CancellationToken ct)
    {
        request = request with { Target = await DirectAddress.ForMigrationsAsync(request.Target, request.Path, events, ct) };
        var project = MigrationProject.Open(request.Path, request.Target);
        try
        {
            await using var connection = await project.ConnectAsync(request.Target, "dbsafety migration list", ct);
            return await project.StatesAsync(connection, ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }
}
