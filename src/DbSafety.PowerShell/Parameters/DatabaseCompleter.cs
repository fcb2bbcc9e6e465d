using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Parameters;

/// <summary>
/// Completes a database's name by asking the server that the line so far names. A server that does not answer at once
/// completes nothing: nobody waits at a prompt.
/// </summary>
public sealed class DatabaseCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = new WildcardPattern(wordToComplete.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return Names(fakeBoundParameters).Where(pattern.IsMatch).Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));
    }

    private static IReadOnlyList<string> Names(IDictionary given)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            var work = Task.Run(() => new ListDatabases().RunAsync(new DatabaseListRequest(Target(given)), OperationEvents.None, patience.Token));
            return work.Wait(Patience) ? [.. work.Result.Select(d => d.Database)] : [];
        }
        catch (Exception e) when (e is AggregateException or DbSafetyException or RuntimeException)
        {
            // A prompt is no place for errors: the command itself will say what is wrong.
            return [];
        }
    }

    private static DatabaseTarget Target(IDictionary given)
    {
        var address = given[nameof(DatabaseCmdlet.Server)] is { } server ? ServerAddress.Parse(server.ToString()!) : null;
        return new DatabaseChoice
        {
            ConnectionString = given[nameof(DatabaseCmdlet.ConnectionString)]?.ToString(),
            EnvFile = given[nameof(DatabaseCmdlet.EnvFile)] is { } file ? Runspace.DefaultRunspace.SessionStateProxy.Path.GetUnresolvedProviderPathFromPSPath(file.ToString()) : null,
            Host = address?.Host,
            Port = address?.Port ?? (int.TryParse(given[nameof(DatabaseCmdlet.Port)]?.ToString(), out var port) ? port : null),
        }.Resolve();
    }

    private static string Quoted(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? name : "'" + name.Replace("'", "''", StringComparison.Ordinal) + "'";
}
