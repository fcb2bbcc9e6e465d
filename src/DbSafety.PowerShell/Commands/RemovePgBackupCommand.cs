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

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepHourly { get; set; }

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

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int KeepYearly { get; set; }

    /// <summary>Sets with one of these labels are never removed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string[] KeepLabel { get; set; } = [];

    /// <summary>The minimum age of sets to remove: a number of days or a time span.</summary>
    [Parameter]
    [Age]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>The size of all sets together. At least 1 MB, because a number without a unit is a number of bytes.</summary>
    [Parameter]
    [ValidateRange(1L << 20, long.MaxValue)]
    public long? MaxSize { get; set; }

    /// <summary>Emit the sets that are not removed too, with the reasons.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

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
        var policy = new RetentionPolicy
        {
            KeepLast = KeepLast,
            KeepHourly = KeepHourly,
            KeepDaily = KeepDaily,
            KeepWeekly = KeepWeekly,
            KeepMonthly = KeepMonthly,
            KeepYearly = KeepYearly,
            KeepLabels = KeepLabel,
            OlderThan = OlderThan,
            MaxBytes = MaxSize,
        };
        var request = new RetentionRequest(folder, policy) { Database = Database, Environment = Environment };
        foreach (var set in Run(new PlanRetention(), request))
            Emit(set.Decision == RetentionDecision.Remove ? Remove(set, request) : set);
    }

    /// <summary>What was done with it; null: -WhatIf without -All.</summary>
    private PgBackup? Remove(PgBackup set, RetentionRequest request)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(set.Path);
        return Consent.Ask(this, $"Remove the backup {name} permanently: {set.Reason}", $"Remove the backup {name} of '{set.Database}' permanently ({set.Reason})?", Force) switch
        {
            Answer.Yes => Run(new RemoveBackups { Retention = request }, [set]).Single(),
            Answer.WhatIf when All => set,
            Answer.No => set with { Decision = RetentionDecision.Keep, Reason = "not confirmed" },
            _ => null,
        };
    }

    /// <summary>With a type name of its own, because its view shows the decision and the reason.</summary>
    private void Emit(PgBackup? set)
    {
        if (set is null || (set.Decision != RetentionDecision.Remove && !All))
            return;
        var decided = new PSObject(set);
        decided.TypeNames.Insert(0, $"{typeof(PgBackup).FullName}#Decided");
        WriteObject(decided);
    }
}
