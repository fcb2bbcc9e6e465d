using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>Reports which env file named a target, and chooses one of its servers where it has several.</summary>
public sealed class ChooseServer : IOperation<DatabaseTarget, DatabaseTarget>
{
    /// <exception cref="DbSafetyException"><c>DBS129</c>, and what a server that was reached answers to the login.</exception>
    public async Task<DatabaseTarget> RunAsync(DatabaseTarget request, IOperationEvents events, CancellationToken ct)
    {
        if (request.EnvFile is { } file)
        {
            events.Verbose($"reading the connection from {file}");
            if (EnvFile.DifferentBeside(file) is { Count: > 0 } others)
                events.Warning($"{file} specifies the database; {string.Join(", ", others.Select(Path.GetFileName))} in the same folder specifies another");
        }

        return request.Servers is { } servers ? await servers.ChooseAsync(events, ct) with { EnvFile = request.EnvFile } : request;
    }
}
