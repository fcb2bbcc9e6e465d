using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>What a ledger is to be told.</summary>
public enum MigrationResolution
{
    /// <summary>All of it is in the database, however it came there.</summary>
    Applied,

    /// <summary>Nothing of a failed one is left: it is pending again.</summary>
    RolledBack,

    /// <summary>It and every pending one before it are in the database: where a ledger is begun on one that has tables already.</summary>
    Baseline,
}

/// <summary>Which migration to mark, and as what. No script is run.</summary>
public sealed record MigrationResolveRequest(string Path, DatabaseTarget Target, string Name, MigrationResolution As)
{
    /// <summary>As a name: everything that is pending (for <see cref="MigrationResolution.Baseline"/> alone).</summary>
    public const string All = "all";

    /// <inheritdoc cref="SafeMigrationRequest.Source"/>
    public MigrationSource? Source { get; init; }

    /// <summary>Only check.</summary>
    public bool WhatIf { get; init; }
}

/// <summary>Writes into the tool's own ledger what people found out, as <c>prisma migrate resolve</c> does.</summary>
public sealed class ResolveMigration : IOperation<MigrationResolveRequest, IReadOnlyList<PgMigration>>
{
    /// <returns>The migrations that were marked, as they are now.</returns>
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PgMigration>> RunAsync(MigrationResolveRequest request, IOperationEvents events, CancellationToken ct)
    {
        request = request with { Target = await DirectAddress.ForMigrationsAsync(request.Target, request.Path, ProjectRoot.Of, events, ct) };
        var project = MigrationProject.Open(request.Path, request.Target, source: request.Source);
        if (project.Folder.Tool is { } tool)
            throw ErrorCatalogue.ToolHistoryOwn.For(project.Ledger.Name, tool.Name, tool.Command);
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

    /// <summary>Chooses again under a lock on the history: a migration tool can have written to it since.</summary>
    private static async Task<List<PgMigration>> WriteAsync(MigrationResolveRequest request, MigrationProject project, NpgsqlConnection connection, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await project.Ledger.EnsureOnceAsync(connection, ct);
        StepPoint.Reach("migration resolve: history to be locked");
        await project.Ledger.LockAndReadAsync(connection, ct);
        var chosen = Choose(request, project, await project.StatesAsync(connection, ct));
        foreach (var migration in chosen)
        {
            await new StepLog(project.Ledger).EndAsync(connection, migration.Name, ct);
            // A failed attempt stays in the ledger as one that was rolled back, whatever the next row says.
            if (migration.State == MigrationState.Failed)
                await project.Ledger.MarkRolledBackAsync(connection, migration.Name, ct);
            if (request.As != MigrationResolution.RolledBack)
                await project.Ledger.MarkAppliedAsync(connection, project.Folder.Files.First(f => f.Name == migration.Name), ct);
        }

        await transaction.CommitAsync(ct);
        return chosen;
    }

    private static DbSafetyException Refuse(MigrationResolveRequest request, string why) => ErrorCatalogue.ResolveRefused.For(request.Name, request.As, why);
}
