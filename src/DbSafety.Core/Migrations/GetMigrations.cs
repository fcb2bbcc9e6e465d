using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Lists every migration in the folder or in the migration history, in the tool's order. Read only.</summary>
public sealed class GetMigrations : IOperation<MigrationListRequest, IReadOnlyList<PgMigration>>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PgMigration>> RunAsync(MigrationListRequest request, IOperationEvents events, CancellationToken ct)
    {
        request = request with { Target = await DirectAddress.ForMigrationsAsync(request.Target, request.Path, ProjectRoot.Of, events, ct) };
        var project = MigrationProject.Open(request.Path, request.Target, source: request.Source);
        try
        {
            await using var connection = await project.ConnectAsync(request.Target, "dbsafety migration list", ct);
            return await project.WithinLimitAsync(request.Target, connection, events, () => ReadAsync(request, project, connection, events, ct), ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    private static async Task<IReadOnlyList<PgMigration>> ReadAsync(MigrationListRequest request, MigrationProject project, NpgsqlConnection connection, IOperationEvents events, CancellationToken ct)
    {
        var history = await project.History.ReadAsync(connection, ct);
        project.NameCallbacks(events);
        project.NameUnrecorded(history, events);
        await WarnAsync(request, project, history, connection, events, ct);
        return await project.StatesAsync(connection, history, ct);
    }

    /// <summary>A run would be refused; the list shows the history that the run would use.</summary>
    private static async Task WarnAsync(MigrationListRequest request, MigrationProject project, IReadOnlyList<HistoryEntry> history, NpgsqlConnection connection, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            await OtherHistory.CheckAsync(project, history, connection, new SafeMigrationRequest(request.Path, request.Target) { Source = request.Source }, events, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.OtherHistory || e.Definition == ErrorCatalogue.HistoryElsewhere || e.Definition == ErrorCatalogue.FilesListed)
        {
            events.Warning($"{e.Message}. {e.Hint}");
        }
    }
}
