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

    /// <summary>Only the sets of this database. Default: each database separately.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string? Database { get; set; }

    /// <summary>Only the sets of this environment.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string? Environment { get; set; }

    /// <summary>The number of newest sets to keep.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepLast { get; set; }

    /// <summary>The number of days with a set for which the newest set of the day is kept.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepDaily { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepWeekly { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepMonthly { get; set; }

    /// <summary>The minimum age of sets to remove: a number of days or a time span.</summary>
    [Parameter]
    [Age]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
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
            if (Consent.Ask(this, $"Remove the backup {name} permanently", $"Remove the backup {name} of '{set.Database}' permanently?", Force) == Answer.Yes)
                WriteObject(Run(new RemoveBackups { Retention = request }, [set]), enumerateCollection: true);
        }
    }
}
