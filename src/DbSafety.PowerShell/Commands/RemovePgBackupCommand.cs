using System.Management.Automation;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Removes the backup sets of a folder that no rule keeps.</summary>
[Cmdlet(VerbsCommon.Remove, "PgBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgBackup))]
public sealed class RemovePgBackupCommand : OperationCmdlet
{
    /// <summary>The folders to look in.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Destination", "Folder")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string[] Path { get; set; } = [];

    /// <summary>Only the sets of this database; left out: of each database by itself.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string? Database { get; set; }

    /// <summary>Only the sets of this environment.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string? Environment { get; set; }

    /// <summary>Keep the newest so many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepLast { get; set; }

    /// <summary>Keep the newest of each of the last so many days.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepDaily { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepWeekly { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepMonthly { get; set; }

    /// <summary>Remove only what is older than this: a number of days or a time span.</summary>
    [Parameter]
    [Age]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Do not ask. Every check is still made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        foreach (var folder in Path.SelectMany(p => ProviderPaths.Matching(this, p)))
            Attempt(() => Remove(folder));
    }

    private void Remove(string folder)
    {
        var policy = new RetentionPolicy { KeepLast = KeepLast, KeepDaily = KeepDaily, KeepWeekly = KeepWeekly, KeepMonthly = KeepMonthly, OlderThan = OlderThan };
        var request = new RetentionRequest(folder, policy) { Database = Database, Environment = Environment };
        foreach (var set in Run(new PlanRemovals(), request))
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(set.Path);
            if (Consent.Ask(this, $"Remove the backup {name} for good", $"Remove the backup {name} of '{set.Database}' for good?", Force) == Answer.Yes)
                WriteObject(Run(new RemoveBackups { Retention = request }, [set]), enumerateCollection: true);
        }
    }
}
