using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;

namespace DbSafety.Backups;

/// <summary>How a backup works with the connections that are available to its role.</summary>
/// <param name="Jobs">As many jobs as there are connections for.</param>
/// <param name="IsFrugal">The session with the snapshot counts too, roles are dumped last, and no table is locked early.</param>
internal sealed record BackupConnections(int Jobs, bool IsFrugal)
{
    /// <summary>The session with the snapshot, pg_dump's, and one without a snapshot that reads locks and catalogs.</summary>
    private const int Fewest = 3;

    /// <summary>The sessions of a backup in addition to those of pg_dump and of the counting: early locks and pg_dumpall included.</summary>
    private const int Others = 4;

    /// <exception cref="Errors.DbSafetyException"><c>DBS136</c>.</exception>
    public static BackupConnections Plan(BackupRequest request, FreeConnections free)
    {
        free.Require(Fewest, $"a backup of {request.Target.Database}", request.Target);
        var jobs = request.Jobs > 0 ? request.Jobs : Environment.ProcessorCount;
        var isParallel = request.Format == BackupFormat.Directory;
        if (free.Count >= Others + CountingSessions.Count(jobs) + (isParallel ? jobs + 1 : 1))
            return new BackupConnections(request.Jobs, IsFrugal: false);
        // Workers use connections in addition to pg_dump's own.
        return new BackupConnections(isParallel ? (int)Math.Clamp(free.Count - Fewest, 1, jobs) : request.Jobs, IsFrugal: true);
    }
}
