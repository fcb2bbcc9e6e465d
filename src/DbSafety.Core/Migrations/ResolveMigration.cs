using DbSafety.Audit;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>How to mark a migration in the migration history.</summary>
public enum MigrationResolution
{
    /// <summary>The migration is completely in the database, regardless of how it was applied.</summary>
    Applied,

    /// <summary>The failed migration was rolled back completely: it is pending again.</summary>
    RolledBack,

    /// <summary>This migration and every earlier pending migration are in the database: to start a migration history on a database that already has tables.</summary>
    Baseline,
}

/// <summary>Which migration to mark, and as what. No script is run.</summary>
public sealed record MigrationResolveRequest(string Path, DatabaseTarget Target, string Name, MigrationResolution As)
{
    /// <summary>As a name: all pending migrations (only for <see cref="MigrationResolution.Baseline"/>).</summary>
    public const string All = "all";

    /// <inheritdoc cref="SafeMigrationRequest.Source"/>
    public MigrationSource? Source { get; init; }

    /// <summary>Check only.</summary>
    public bool WhatIf { get; init; }
}

/// <summary>Marks migrations in the tool's migration history, as <c>prisma migrate resolve</c> does.</summary>
public sealed class ResolveMigration : IOperation<MigrationResolveRequest, IReadOnlyList<PgMigration>>
{
    /// <returns>The migrations that were marked, as they are now.</returns>
    /// <inheritdoc/>
    public Task<IReadOnlyList<PgMigration>> RunAsync(MigrationResolveRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.Log("migration resolve") with { IsPlan = request.WhatIf }, events, e => ResolveAsync(request, e, ct), marked => new LogResult { Evidence = [.. marked.Select(m => $"{m.Name}: {m.State}")] });

    private static async Task<IReadOnlyList<PgMigration>> ResolveAsync(MigrationResolveRequest request, IOperationEvents events, CancellationToken ct)
    {
        request = request with { Target = await DirectAddress.ForMigrationsAsync(request.Target, request.Path, ProjectRoot.Of, events, ct) };
        var project = MigrationProject.Open(request.Path, request.Target, source: request.Source);
        if (project.Folder.Tool is { } tool)
            throw ErrorCatalogue.ToolHistoryOwn.For(project.History.Name, tool.Name, tool.Command);
        try
        {
            await using var guard = await ServerLock.TakeAsync(request.Target, "migration resolve", ct);
            await using var connection = await project.ConnectAsync(request.Target, "dbsafety migration resolve", ct);
            return await project.WithinLimitAsync(request.Target, connection, events, () => ResolveAsync(request, project, connection, ct), ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    private static async Task<IReadOnlyList<PgMigration>> ResolveAsync(MigrationResolveRequest request, MigrationProject project, NpgsqlConnection connection, CancellationToken ct)
    {
        var chosen = Choose(request, project, await project.StatesAsync(connection, ct));
        if (!request.WhatIf)
            chosen = await WriteAsync(request, project, connection, ct);
        var names = chosen.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        return [.. (await project.StatesAsync(connection, ct)).Where(m => names.Contains(m.Name))];
    }

    private static List<PgMigration> Choose(MigrationResolveRequest request, MigrationProject project, IReadOnlyList<PgMigration> states)
    {
        if (request is { Name: MigrationResolveRequest.All, As: MigrationResolution.Baseline } && !states.Any(s => s.Name == MigrationResolveRequest.All))
            return [.. states.Where(s => s.IsPending)];
        var named = states.FirstOrDefault(s => s.Name == request.Name)
            ?? throw Refuse(request, $"no migration has this name; the migrations are: {string.Join(", ", states.Select(s => s.Name))}");
        return request.As switch
        {
            MigrationResolution.RolledBack when named.State != MigrationState.Failed => throw Refuse(request, $"it is {named.State}, and only a failed migration can be marked as rolled back"),
            MigrationResolution.RolledBack => [named],
            _ when named.State is MigrationState.Applied or MigrationState.Modified => throw Refuse(request, "it is already recorded as applied"),
            _ when named.Path is null || named.State == MigrationState.NoScript => throw Refuse(request, "its script does not exist, so there is no checksum to record"),
            MigrationResolution.Baseline when named.State == MigrationState.Unlisted => throw Refuse(request, "it has no place in the order, so no migrations come before it"),
            MigrationResolution.Baseline when NameOrder.Unknown(project.Folder, states.Where(s => s.IsPending || s.State == MigrationState.OutOfOrder)) is { } order => throw ErrorCatalogue.FileOrderUnknown.For(request.Name, order),
            MigrationResolution.Baseline => [.. states.Where(s => (s.IsPending || s.State == MigrationState.OutOfOrder) && project.Folder.Order.Compare(s.Name, named.Name) <= 0)],
            _ => [named],
        };
    }

    /// <summary>Selects the migrations again under a lock on the history table: a migration tool can have written to it since.</summary>
    private static async Task<List<PgMigration>> WriteAsync(MigrationResolveRequest request, MigrationProject project, NpgsqlConnection connection, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await project.History.EnsureOnceAsync(connection, ct);
        StepPoint.Reach("migration resolve: history to be locked");
        await project.History.LockAndReadAsync(connection, ct);
        var chosen = Choose(request, project, await project.StatesAsync(connection, ct));
        foreach (var migration in chosen)
        {
            await new StepLog(project.History).EndAsync(connection, migration.Name, ct);
            // A failed attempt remains in the migration history as rolled back, regardless of the next row.
            if (migration.State == MigrationState.Failed)
                await project.History.MarkRolledBackAsync(connection, migration.Name, ct);
            if (request.As != MigrationResolution.RolledBack)
                await project.History.MarkAppliedAsync(connection, project.Folder.Files.First(f => f.Name == migration.Name), ct);
        }

        await transaction.CommitAsync(ct);
        return chosen;
    }

    private static DbSafetyException Refuse(MigrationResolveRequest request, string why) => ErrorCatalogue.ResolveRefused.For(request.Name, request.As, why);
}
