using System.Management.Automation;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Runs the pending migrations: check, back up, rehearse, apply, verify, or restore the backup.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "SafeMigration", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SafeMigration))]
public sealed class InvokeSafeMigrationCommand : MigrationCmdlet
{
    private bool planning;

    /// <summary>The losses to allow, each in the format of a finding's AllowAs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AllowanceCompleter))]
    public string[] Allow { get; set; } = [];

    /// <summary>Allow every loss.</summary>
    [Parameter]
    public SwitchParameter AllowAll { get; set; }

    /// <summary>Also run pending migrations that are out of order.</summary>
    [Parameter]
    public SwitchParameter AllowOutOfOrder { get; set; }

    /// <summary>Do not rehearse the migrations on a copy.</summary>
    [Parameter]
    public SwitchParameter SkipRehearsal { get; set; }

    /// <summary>Do not keep a backup from before the run.</summary>
    [Parameter]
    public SwitchParameter SkipBackup { get; set; }

    /// <summary>The folder for the backup from before the run. Default: a folder in the user's data directory.</summary>
    [Parameter]
    [Alias("BackupDestination")]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>The number of days that Remove-PgBackup keeps the backup of a run that is allowed to lose data; 0: the backup is not pinned.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int PinFor { get; set; } = 30;

    /// <summary>The environment, such as prod; part of the backup's name.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9.-]+$")]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string Environment { get; set; } = "default";

    /// <summary>The lock timeout of each attempt in seconds. Other sessions queue behind the lock request for at most this time.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int LockTimeoutSec { get; set; } = 5;

    /// <summary>The statement timeout in seconds. Default: the server's setting.</summary>
    [Parameter]
    [ValidateRange(1, 604800)]
    public int StatementTimeoutSec { get; set; }

    /// <summary>The project's own command, which runs instead of the scripts: one string, or the program and its arguments. No shell interprets it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

    /// <summary>The application's container, in which the command runs with the container's environment.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CommandContainer { get; set; }

    /// <summary>Rehearse the command without isolation: an address that does not come from the variables set for the rehearsal reaches the database itself.</summary>
    [Parameter]
    public SwitchParameter AllowUnisolatedCommand { get; set; }

    /// <summary>What to do when part of a failed run has been committed; by default Restore if it is proven that no other session has written since the backup, else Stop, and Stop with a command.</summary>
    [Parameter]
    public FailureAction? OnFailure { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>A plan is shown even if it ends in a refusal, so its error must not end the pipeline.</summary>
    private protected override bool EndsOnError => base.EndsOnError && !planning;

    private protected override void Process()
    {
        var target = Target();
        var folder = Folder;
        var question = $"Run the pending migrations of {folder} on '{target.Database}' at {target.Server}";
        var answer = Consent.Ask(this, $"{question}: check, back up, rehearse on a copy, apply, verify", $"{question}{LastTook(target, "migration run", "rehearsal", "rehearse")}?", Force);
        planning = answer == Answer.WhatIf;
        if (answer != Answer.No)
            WriteObject(Run(new RunSafeMigration(), Request(folder, target) with { WhatIf = planning }));
    }

    private SafeMigrationRequest Request(string folder, DatabaseTarget target) => new(folder, target)
    {
        Source = Source,
        Allow = Allow,
        AllowAll = AllowAll,
        AllowOutOfOrder = AllowOutOfOrder,
        SkipRehearsal = SkipRehearsal,
        AllowUnisolatedCommand = AllowUnisolatedCommand,
        SkipBackup = SkipBackup,
        BackupDestination = Destination is null ? null : ProviderPaths.Literal(this, Destination),
        PinFor = TimeSpan.FromDays(PinFor),
        Environment = Environment,
        LockTimeout = TimeSpan.FromSeconds(LockTimeoutSec),
        StatementTimeout = StatementTimeoutSec > 0 ? TimeSpan.FromSeconds(StatementTimeoutSec) : null,
        OnFailure = OnFailure,
        Command = Command.Length == 0 ? null : MigrationCommand.Parse(Command) with { Container = CommandContainer, DockerHost = DockerHost, DockerContext = DockerContext },
    };
}
