using System.CommandLine;
using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Reports;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety migration test</c>.</summary>
internal sealed class MigrationTestOptions
{
    private const string StandardInput = "-";

    private readonly Argument<string> path = new("path") { Description = "A project, a migrations folder, a folder of SQL files, a single SQL file, or - for standard input." };
    private readonly Option<MigrationSource?> source = MigrationRunOptions.SourceOption();
    private readonly Option<bool> all = new("--all") { Description = "List harmless effects too." };
    private readonly Option<bool> style = new("--style") { Description = "List design advice too: types of keys, text and times, names, IF EXISTS." };
    private readonly Option<FindingSeverity[]> severity = new("--severity") { Description = "List only findings of this severity; can be specified several times.", HelpName = string.Join('|', Enum.GetNames<FindingSeverity>()), AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> rule = Rules("--rule", "List only findings of this rule; can be specified several times.");
    private readonly Option<string[]> excludeRule = Rules("--exclude-rule", "Do not list findings of this rule; can be specified several times.");
    private readonly Option<FindingFormat> format = new("--format") { Description = "text, json, sarif (2.1.0, for code scanners) or github (annotations of a pull request)." };

    public TargetOptions Target { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(path);
        Target.AddTo(command);
        command.Add(source);
        command.Add(all);
        command.Add(style);
        command.Add(severity);
        command.Add(rule);
        command.Add(excludeRule);
        command.Add(format);
    }

    public FindingFormat Format(ParseResult parsed) => parsed.GetValue(format);

    public string Path(ParseResult parsed) => parsed.GetRequiredValue(path) is var given && given == StandardInput ? "stdin.sql" : given;

    /// <exception cref="DbSafetyException"><c>DBS521</c> if the database's URL is also read from standard input.</exception>
    public MigrationTestRequest Request(ParseResult parsed, DatabaseTarget? target) => new(Path(parsed), target, parsed.GetValue(all))
    {
        Source = parsed.GetValue(source),
        Input = ReadsStandardInput(parsed) ? Console.OpenStandardInput() : null,
        Severities = parsed.GetValue(severity) ?? [],
        Style = parsed.GetValue(style),
        Rules = parsed.GetValue(rule) ?? [],
        ExcludedRules = parsed.GetValue(excludeRule) ?? [],
    };

    public void CheckInput(ParseResult parsed)
    {
        if (ReadsStandardInput(parsed) && Target.ReadsStandardInput(parsed))
            throw ErrorCatalogue.InputTwice.For("the migration", "the database's URL");
    }

    private bool ReadsStandardInput(ParseResult parsed) => parsed.GetRequiredValue(path) == StandardInput;

    private static Option<string[]> Rules(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "rule", AllowMultipleArgumentsPerToken = true };
        option.CompletionSources.Add(_ => RuleCatalogue.Ids.Select(id => new System.CommandLine.Completions.CompletionItem(id)));
        return option;
    }
}
