using System.Management.Automation;
using DbSafety.Backups.Last;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Shows the newest proven backup of each database, its age, and its last drill.</summary>
[Cmdlet(VerbsCommon.Get, "PgLastBackup", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgLastBackup))]
public sealed class GetPgLastBackupCommand : PipedDatabaseCmdlet
{
    /// <summary>The folders of the backups. Default: the folders in which this user has created backups, according to the log.</summary>
    [Parameter(Position = 1)]
    [Alias("Destination", "Folder")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>A backup that is older than this is stale: a number of days or a time span. Default: 26 hours.</summary>
    [Parameter]
    [Age]
    public TimeSpan MaxAge { get; set; } = LastBackupRequest.DefaultMaxAge;

    private protected override void Process()
    {
        var request = new LastBackupRequest { Folders = [.. Path.SelectMany(p => ProviderPaths.Matching(this, p))], MaxAge = MaxAge };
        WriteObject(Run(new GetLastBackups(), SaysDatabase ? request with { Databases = [Target()] } : request), enumerateCollection: true);
    }
}
