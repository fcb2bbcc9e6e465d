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
public sealed class TestPgMigrationCommand : MigrationCmdlet
{
    /// <summary>The SQL text to analyse instead of files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Sql { get; set; }

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
        var path = Sql is null ? Folder : "sql";
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
