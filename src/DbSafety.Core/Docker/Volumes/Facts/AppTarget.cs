using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The database that an application's env file specifies.</summary>
/// <param name="Databases">The databases of the container's server; null when the server could not be queried.</param>
/// <param name="Reason">Why it could not be queried.</param>
public sealed record AppTarget(string EnvFile, DatabaseTarget Target, IReadOnlyList<string>? Databases, string? Reason);
