using System.Management.Automation;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Cmdlets;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists migrations with their states, from the files and the migration history.</summary>
[Cmdlet(VerbsCommon.Get, "PgMigration", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgMigration))]
public sealed class GetPgMigrationCommand : MigrationCmdlet
{
    private protected override void Process() =>
        WriteObject(Run(new GetMigrations(), new MigrationListRequest(Folder, Target()) { Source = Source }), enumerateCollection: true);
}
