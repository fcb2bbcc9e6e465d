using DbSafety.Analysis;

namespace DbSafety.PowerShell.Completion;

/// <summary>The rules of the analysis.</summary>
public sealed class RuleCompleter : PromptCompleter
{
    private protected override Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct) =>
        Task.FromResult(RuleCatalogue.Ids.Select(id => new PromptAnswer(id)));
}
