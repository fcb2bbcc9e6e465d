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
public sealed class InvokeSafeMigrationCommand : DatabaseCmdlet
{
    private bool planning;

    /// <summary>A Prisma or Drizzle project, its folder of migrations, or a folder of SQL files; the current folder if none is given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string Path { get; set; } = ".";

    /// <summary>The database to migrate.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>Sql: the folder's files are plain SQL files, whatever tool's they look like; left out: as the folder says.</summary>
    [Parameter]
    [ValidateSet(nameof(MigrationSource.Sql))]
    public MigrationSource? Source { get; set; }

    /// <summary>Losses that are accepted, each as a finding's AllowAs says it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AllowanceCompleter))]
    public string[] Allow { get; set; } = [];

    /// <summary>Accept every loss.</summary>
    [Parameter]
    public SwitchParameter AllowAll { get; set; }

    /// <summary>Run those too that come too late in their order.</summary>
    [Parameter]
    public SwitchParameter AllowOutOfOrder { get; set; }

    /// <summary>Do not try the migrations on a copy first.</summary>
    [Parameter]
    public SwitchParameter SkipRehearsal { get; set; }

    /// <summary>Keep no backup of before.</summary>
    [Parameter]
    public SwitchParameter SkipBackup { get; set; }

    /// <summary>The folder for the backup of before; left out: one among this user's own data.</summary>
    [Parameter]
    [Alias("BackupDestination")]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Days that Remove-PgBackup keeps the backup of a run that is allowed to lose something; 0: no longer than any other.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int PinFor { get; set; } = 30;

    /// <summary>Stands in the backup's name, such as prod.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9.-]+$")]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string Environment { get; set; } = "default";

    /// <summary>Seconds that one try waits for a lock, and so the longest others queue up behind it.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int LockTimeoutSec { get; set; } = 5;

    /// <summary>Seconds that one statement may take; left out: as the server has it.</summary>
    [Parameter]
    [ValidateRange(1, 604800)]
    public int StatementTimeoutSec { get; set; }

    /// <summary>The project's own command, run in place of our own way: one text, or the program and its arguments. No shell reads it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

    /// <summary>The app's container, to run the command in as it is.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CommandContainer { get; set; }

    /// <summary>Rehearse the command without isolation: an address that it takes from anything but the variables set for it reaches the database itself.</summary>
    [Parameter]
    public SwitchParameter AllowUnisolatedCommand { get; set; }

    /// <summary>What to do when part of a failed run has been committed; by default Restore if it is proven that no other session has written since the backup, else Stop, and Stop with a command.</summary>
    [Parameter]
    public FailureAction? OnFailure { get; set; }

    /// <summary>Do not ask. Every check is still made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>A plan that ends in a refusal is shown as well as one that does not, so its error must not end the pipeline.</summary>
    private protected override bool EndsOnError => base.EndsOnError && !planning;

    private protected override void Process()
    {
        var target = Target();
        var folder = ProviderPaths.Literal(this, Path);
        var question = $"Run the pending migrations of {folder} on '{target.Database}' at {target.Server}";
        var answer = Consent.Ask(this, $"{question}: check, back up, rehearse on a copy, apply, verify", $"{question}?", Force);
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
