using System.Management.Automation;
using DbSafety.Analysis;
using DbSafety.Migrations;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Says what each statement of the migrations would do to the data.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PgMigration", DefaultParameterSetName = ByServer)]
[OutputType(typeof(MigrationFinding))]
public sealed class TestPgMigrationCommand : DatabaseCmdlet
{
    /// <summary>A project, a migrations folder, or a folder of SQL files; the current folder if none is given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string Path { get; set; } = ".";

    /// <summary>The database that is asked for live numbers and for what is pending; none given: every script is read, without numbers.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>List the harmless effects too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    private protected override void Process()
    {
        var request = new MigrationTestRequest(ProviderPaths.Literal(this, Path), SaysDatabase ? Target() : null, All);
        WriteObject(Run(new AnalyseMigrations(), request), enumerateCollection: true);
    }
}
