using DbSafety.Operations;
using DbSafety.PowerShell.Views;
using DbSafety.Restores.Retained;

namespace DbSafety.PowerShell.Completion;

/// <summary>The retained databases of the server that the line specifies, the newest first: of the database on the line, or of all.</summary>
public sealed class RetainedCompleter : PromptCompleter
{
    private protected override Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct) => line.AskAsync(async target =>
        (await new ListRetained().RunAsync(new RetainedListRequest(target) { Database = line.Text("Database") }, OperationEvents.None, ct))
            .Select(r => new PromptAnswer(r.Name, $"{r.Name} {Readable.Size(r.Bytes)}, retained by {r.By}, {Readable.Time(r.RetainedAt)}")), ct);
}
