using DbSafety.Audit;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Completion;

/// <summary>The databases, or the operations, of the log.</summary>
public sealed class LogCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        var entries = await new ReadLog().RunAsync(new LogRequest { Folder = line.Path }, OperationEvents.None, ct);
        return entries.Select(e => line.Parameter == "Operation" ? e.Operation : e.Database).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(v => new PromptAnswer(v));
    }
}
