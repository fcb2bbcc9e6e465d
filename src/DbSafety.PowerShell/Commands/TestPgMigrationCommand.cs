using System.Management.Automation;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Reports;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Analyses what each statement of the migrations would do to the data.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PgMigration", DefaultParameterSetName = ByServer)]
[OutputType(typeof(MigrationFinding))]
public sealed class TestPgMigrationCommand : DatabaseCmdlet
{
    /// <summary>A project, a migrations folder, a folder of SQL files, or a single SQL file. Default: the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string Path { get; set; } = ".";

    /// <summary>The database for live numbers and for pending migrations. Without it, every script is read, without live numbers.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>The SQL text to analyse instead of files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sql { get; set; }

    /// <summary>Sql: the folder's files are plain SQL files, even if their names match another tool. By default the tool is determined from the folder.</summary>
    [Parameter]
    [ValidateSet(nameof(MigrationSource.Sql))]
    public MigrationSource? Source { get; set; }

    /// <summary>List harmless effects too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>List design advice too: types of keys, text and times, names, IF EXISTS.</summary>
    [Parameter]
    public SwitchParameter Style { get; set; }

    /// <summary>Only findings of these severities.</summary>
    [Parameter]
    public FindingSeverity[] Severity { get; set; } = [];

    /// <summary>Only findings of these rules.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RuleCompleter))]
    public string[] Rule { get; set; } = [];

    /// <summary>No findings of these rules.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RuleCompleter))]
    public string[] ExcludeRule { get; set; } = [];

    /// <summary>Emit lines of text instead of objects: SARIF 2.1.0 for code scanners, or annotations for GitHub.</summary>
    [Parameter]
    [ValidateSet(nameof(FindingFormat.Sarif), nameof(FindingFormat.GitHub))]
    public FindingFormat As { get; set; }

    private protected override void Process()
    {
        var path = Sql is null ? ProviderPaths.Literal(this, Path) : "sql";
        var request = new MigrationTestRequest(path, SaysDatabase ? Target() : null, All)
        {
            Script = Sql,
            Source = Source,
            Severities = Severity,
            Style = Style,
            Rules = Rule,
            ExcludedRules = ExcludeRule,
        };
        if (As == FindingFormat.Sarif)
            WriteEach((r, events, ct) => SarifReport.WriteAsync(AnalyseMigrations.ReadAsync(r, events, ct), path), request);
        else if (As == FindingFormat.GitHub)
            WriteEach((r, events, ct) => GitHubAnnotations.WriteAsync(AnalyseMigrations.ReadAsync(r, events, ct), path), request);
        else
            WriteEach(AnalyseMigrations.ReadAsync, request);
    }
}
