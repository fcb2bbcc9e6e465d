using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>Reports the env file of a target, and chooses a server if it has several.</summary>
public sealed class ChooseServer : IOperation<DatabaseTarget, DatabaseTarget>
{
    /// <exception cref="DbSafetyException"><c>DBS129</c>, and login errors of a server that was reached.</exception>
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
