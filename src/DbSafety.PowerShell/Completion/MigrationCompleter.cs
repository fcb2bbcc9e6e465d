using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Completion;

/// <summary>The migrations of the folder in -Path, with their states in the database that the line specifies.</summary>
public sealed class MigrationCompleter : PromptCompleter
{
    private protected override Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct) => line.AskAsync(async target =>
        (await new GetMigrations().RunAsync(new MigrationListRequest(line.Path!, target), OperationEvents.None, ct)).Select(m => new PromptAnswer(m.Name, m.State.ToString())), ct);
}
