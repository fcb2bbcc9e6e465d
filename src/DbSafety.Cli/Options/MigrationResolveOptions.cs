using System.CommandLine;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety migration resolve</c>.</summary>
internal sealed class MigrationResolveOptions
{
    private readonly Argument<string> folder = new("path") { Description = MigrationRunOptions.Where };
    private readonly Option<MigrationSource?> source = MigrationRunOptions.SourceOption();
    private readonly Option<string?> baseline = new("--baseline") { Description = "Mark this migration and every pending migration before it as applied: NAME, or 'all' for all pending migrations." };
    private readonly Option<string?> applied = new("--applied") { Description = "Mark this migration as applied, because all its changes are in the database: NAME." };
    private readonly Option<string?> rolledBack = new("--rolled-back") { Description = "Mark this failed migration as rolled back, because no change of it is left; it is pending again: NAME." };
    private readonly Option<bool> whatIf = new("--what-if") { Description = "Check only; write nothing." };

    public TargetOptions Target { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(folder);
        Target.AddTo(command);
        foreach (var option in new Option[] { source, baseline, applied, rolledBack, whatIf })
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (new[] { baseline, applied, rolledBack }.Count(o => result.GetValue(o) is not null) != 1)
                result.AddError("Specify one of --baseline, --applied and --rolled-back.");
        });
    }

    public MigrationResolveRequest Request(ParseResult parsed, DatabaseTarget database)
    {
        var (name, resolution) = parsed.GetValue(baseline) is { } first ? (first, MigrationResolution.Baseline)
            : parsed.GetValue(applied) is { } done ? (done, MigrationResolution.Applied)
            : (parsed.GetValue(rolledBack)!, MigrationResolution.RolledBack);
        return new MigrationResolveRequest(parsed.GetRequiredValue(folder), database, name, resolution) { Source = parsed.GetValue(source), WhatIf = parsed.GetValue(whatIf) };
    }
}
