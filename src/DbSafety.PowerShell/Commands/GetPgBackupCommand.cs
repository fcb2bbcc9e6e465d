using System.Management.Automation;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists the backup sets of a folder.</summary>
[Cmdlet(VerbsCommon.Get, "PgBackup")]
[OutputType(typeof(PgBackup))]
public sealed class GetPgBackupCommand : OperationCmdlet
{
    /// <summary>The folders to search. Default: the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Destination", "Folder")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string[] Path { get; set; } = ["."];

    /// <summary>Only the sets of this database. A pattern is accepted.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string Database { get; set; } = "*";

    private protected override bool EndsOnError => false;

    private protected override void Process()
    {
        foreach (var folder in Path)
            Attempt(() => List(folder));
    }

    private void List(string pattern)
    {
        var wanted = new WildcardPattern(Database, WildcardOptions.None);
        foreach (var folder in ProviderPaths.Matching(this, pattern))
        {
            foreach (var backup in Run(new ListBackups(), new BackupListRequest(folder)))
            {
                if (backup.Database == Database || wanted.IsMatch(backup.Database))
                    WriteObject(backup);
            }
        }
    }
}
