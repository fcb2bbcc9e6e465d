using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>The database that a restore would replace, with its cluster's system identifier, for the confirmation before it; null: it does not exist, or cannot be read.</summary>
public sealed class ReplacedDatabase : IOperation<DatabaseTarget, string?>
{
    /// <inheritdoc/>
    public async Task<string?> RunAsync(DatabaseTarget request, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            await using var maintenance = await request.OpenMaintenanceAsync(ct);
            return await maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)", ct, request.Database)
                ? Text(request, await SourceReader.SystemIdentifierAsync(maintenance, ct)) : null;
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            // The restore itself reports the error.
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>A restore over a database of another cluster is ordinary, and a mistake if production was to be the source: both clusters are named.</summary>
    internal static async Task WarnAsync(PgBackup backup, DatabaseTarget target, NpgsqlConnection maintenance, IOperationEvents events, CancellationToken ct)
    {
        if (backup.SystemIdentifier is { } cluster && await SourceReader.SystemIdentifierAsync(maintenance, ct) is { } here && here != cluster)
            events.Warning($"the backup is of {SetOrigin.Of(backup)}; it replaces {Text(target, here)}, which is another cluster");
    }

    private static string Text(DatabaseTarget target, string? cluster) => $"'{target.Database}' on {target.Server}" + (cluster is null ? "" : $" (cluster {cluster})");
}
