using DbSafety.Databases.Connections;

namespace DbSafety.Backups;

/// <summary>What to back up, and where to.</summary>
public sealed record BackupRequest : BackupSettings
{
    public BackupRequest(DatabaseTarget target, string destination)
        : base(destination) => Target = target;

    public BackupRequest(DatabaseTarget target, BackupSettings settings)
        : base(settings) => Target = target;

    public DatabaseTarget Target { get; init; }
}
