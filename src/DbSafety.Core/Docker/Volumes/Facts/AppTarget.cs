using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The database an app's env file names.</summary>
/// <param name="Databases">What the container's server holds; null when it could not be asked.</param>
/// <param name="Reason">Why it could not be asked.</param>
public sealed record AppTarget(string EnvFile, DatabaseTarget Target, IReadOnlyList<string>? Databases, string? Reason);
