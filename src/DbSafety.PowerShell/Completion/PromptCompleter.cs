using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DbSafety.Errors;

namespace DbSafety.PowerShell.Completion;

/// <summary>
/// Completes a value from the server, engine or folder that the command line specifies. A source that does not answer immediately completes
/// nothing, and errors are not shown: the command itself reports them.
/// </summary>
public abstract class PromptCompleter : IArgumentCompleter
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMilliseconds(250);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = wordToComplete.Trim('\'', '"').Replace("''", "'", StringComparison.Ordinal);
        return Answers(parameterName, word, fakeBoundParameters)
            .Where(a => IsBegunBy(a.Text, word))
            .Select(a => new CompletionResult(Quoted(a.Text), a.Text, CompletionResultType.ParameterValue, a.Tip ?? a.Text));
    }

    /// <summary>All values, in display order; values that do not match the typed text are removed afterwards.</summary>
    private protected abstract Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct);

    private List<PromptAnswer> Answers(string parameter, string word, IDictionary given)
    {
        try
        {
            var line = new PromptLine(parameter, word, given);
            using var waitLimit = new CancellationTokenSource(WaitLimit);
            var work = Task.Run(async () => (await FindAsync(line, waitLimit.Token)).ToList());
            return work.Wait(WaitLimit) ? work.Result : [];
        }
        catch (Exception e) when (e is AggregateException or DbSafetyException or RuntimeException)
        {
            return [];
        }
    }

    /// <summary>Matches the prefix of the value, or of its last part: <c>ord</c> finds <c>public.orders</c>.</summary>
    private static bool IsBegunBy(string text, string word) =>
        text.StartsWith(word, StringComparison.OrdinalIgnoreCase)
        || (text.LastIndexOfAny(['.', '/', ':']) is >= 0 and var at && text.AsSpan(at + 1).StartsWith(word, StringComparison.OrdinalIgnoreCase));

    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or '~' or '\\')
            ? text
            : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}

/// <summary>A completion value.</summary>
/// <param name="Tip">The tooltip; null: the text itself.</param>
internal sealed record PromptAnswer(string Text, string? Tip = null);
