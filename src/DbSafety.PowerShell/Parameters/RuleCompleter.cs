using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DbSafety.Analysis;

namespace DbSafety.PowerShell.Parameters;

/// <summary>Completes the ids of rules.</summary>
public sealed class RuleCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = new WildcardPattern(wordToComplete.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return RuleCatalogue.Ids.Where(pattern.IsMatch).Select(id => new CompletionResult(id));
    }
}
