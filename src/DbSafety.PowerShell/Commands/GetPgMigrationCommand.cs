using System.Management.Automation;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists migrations with their states, from the files and the migration history.</summary>
[Cmdlet(VerbsCommon.Get, "PgMigration", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgMigration))]
public sealed class GetPgMigrationCommand : DatabaseCmdlet
{
    /// <summary>A Prisma or Drizzle project, its migrations folder, or a folder of SQL files. Default: the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string Path { get; set; } = ".";

    /// <summary>The database whose migration history is read.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>Sql: the folder's files are plain SQL files, even if their names match another tool. By default the tool is determined from the folder.</summary>
    [Parameter]
    [ValidateSet(nameof(MigrationSource.Sql))]
    public MigrationSource? Source { get; set; }

    private protected override void Process() =>
        WriteObject(Run(new GetMigrations(), new MigrationListRequest(ProviderPaths.Literal(this, Path), Target()) { Source = Source }), enumerateCollection: true);
}
