using System.Management.Automation;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Marks a migration in the migration history of its tool. No script is run.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "PgMigration", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgMigration))]
public sealed class ResolvePgMigrationCommand : MigrationCmdlet
{
    /// <summary>A Prisma or Drizzle project, its migrations folder, or a folder of SQL files. Default: the current folder.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public override string Path { get; set; } = ".";

    /// <summary>The database whose migration history is written.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>The migration by the name that Get-PgMigration shows.</summary>
    [Parameter(Position = 2, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public new string Name { get; set; } = "";

    /// <summary>Applied, RolledBack, or Baseline: this migration and every pending migration before it.</summary>
    [Parameter(Position = 3, Mandatory = true)]
    public MigrationResolution As { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        var target = Target();
        var answer = Consent.Ask(
            this,
            $"Mark migration {Name} of '{target.Database}' on {target.Server} as {As}",
            $"Mark migration {Name} of '{target.Database}' on {target.Server} as {As}? Its script is not run.",
            Force);
        if (answer != Answer.No)
            WriteObject(Run(new ResolveMigration(), new MigrationResolveRequest(Folder, target, Name, As) { Source = Source, WhatIf = answer == Answer.WhatIf }), enumerateCollection: true);
    }
}
