using DbSafety.Analysis.Findings;
using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Completion;

/// <summary>The losses of the migrations in -Path, in the format of -Allow: RULE:OBJECT. Only the files are read.</summary>
public sealed class AllowanceCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct) =>
        (await new AnalyseMigrations().RunAsync(new MigrationTestRequest(line.Path!), OperationEvents.None, ct))
            .Where(f => f.Severity == FindingSeverity.Destructive)
            .Select(f => new PromptAnswer($"{f.Rule}:{f.Object}", $"{f.File} line {f.Line} {f.Message}"))
            .DistinctBy(a => a.Text);
}
