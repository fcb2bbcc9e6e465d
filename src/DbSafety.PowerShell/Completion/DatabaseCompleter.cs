using DbSafety.Databases;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.PowerShell.Views;

namespace DbSafety.PowerShell.Completion;

/// <summary>The databases of the server that the line specifies.</summary>
public sealed class DatabaseCompleter : PromptCompleter
{
    private protected override Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct) => line.AskAsync(async target =>
        (await new ListDatabases().RunAsync(new DatabaseListRequest(target), OperationEvents.None, ct))
            .Select(d => new PromptAnswer(d.Database, $"{d.Database} {Readable.Size(d.Bytes)}, owner {d.Owner}")), ct);
}
