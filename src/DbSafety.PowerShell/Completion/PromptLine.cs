using System.Collections;
using System.Management.Automation;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Targets;
using DbSafety.Operations;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Completion;

/// <summary>The parameters on the line, and the database that they specify. Paths depend on the shell's state: create it on the shell's thread.</summary>
internal sealed class PromptLine(string parameter, string word, IDictionary given)
{
    private readonly string? envFile = Full(given[nameof(DatabaseCmdlet.EnvFile)]);

    /// <summary>The parameter that is completed.</summary>
    public string Parameter { get; } = parameter;

    /// <summary>Its typed text, without quotes.</summary>
    public string Word { get; } = word;

    /// <summary>The same text as a path of the file system.</summary>
    public string? WordPath { get; } = Full(word.Length > 0 ? word : ".");

    /// <summary>The folder or file of -Path, or of -Destination.</summary>
    public string? Path { get; } = Full(given["Path"] ?? given["Destination"]);

    public string? Text(string name) => given[name]?.ToString();

    public DockerEngine OpenEngine() => new(EngineAddress.Resolve(Text(nameof(DatabaseCmdlet.DockerHost)), Text(nameof(DatabaseCmdlet.DockerContext))));

    /// <summary>Queries the database that the line specifies.</summary>
    public async Task<T> AskAsync<T>(Func<DatabaseTarget, Task<T>> question, CancellationToken ct)
    {
        if (Text(nameof(DatabaseCmdlet.Container)) is not { } container)
            return await question(Target());
        var request = new ContainerTargetRequest(container)
        {
            Database = Text(nameof(DatabaseCmdlet.Database)),
            DockerHost = Text(nameof(DatabaseCmdlet.DockerHost)),
            DockerContext = Text(nameof(DatabaseCmdlet.DockerContext)),
        };
        await using var opened = await new OpenContainer().RunAsync(request, OperationEvents.None, ct);
        return await question(opened.Target);
    }

    private DatabaseTarget Target()
    {
        var address = Text(nameof(DatabaseCmdlet.Server)) is { } server ? ServerAddress.Parse(server) : null;
        return new DatabaseChoice
        {
            ConnectionString = Text(nameof(DatabaseCmdlet.ConnectionString)),
            EnvFile = envFile,
            Host = address?.Host,
            Port = address?.Port ?? (int.TryParse(Text(nameof(DatabaseCmdlet.Port)), out var port) ? port : null),
            Database = Text(nameof(DatabaseCmdlet.Database)),
        }.Resolve();
    }

    /// <summary>The shell is busy with completion: only a command in its own runspace can read its current folder and drives.</summary>
    private static string? Full(object? path)
    {
        if (path?.ToString() is not { Length: > 0 } text)
            return null;
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$ExecutionContext.SessionState.Path").Invoke<PathIntrinsics>()[0].GetUnresolvedProviderPathFromPSPath(text);
    }
}
