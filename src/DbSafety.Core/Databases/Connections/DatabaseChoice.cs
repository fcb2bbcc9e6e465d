using DbSafety.Databases.Connections.Text;

namespace DbSafety.Databases.Connections;

/// <summary>
/// The user's choice of a database. Missing settings come from libpq's environment, service file and
/// password file.
/// </summary>
public sealed record DatabaseChoice
{
    /// <summary>A <c>postgres://</c> URL, or a connection string in libpq's or in Npgsql's form.</summary>
    public string? ConnectionString { internal get; init; }

    /// <summary>A file with a line <c>DATABASE_URL=…</c>.</summary>
    public string? EnvFile { get; init; }

    /// <summary>A host name, an address, or the folder of a Unix socket.</summary>
    public string? Host { get; init; }

    public int? Port { get; init; }

    public string? Username { get; init; }

    public string? Password { internal get; init; }

    /// <summary>Overrides the database of a URL.</summary>
    public string? Database { get; init; }

    /// <summary>Used if a URL names no database, and before PGDATABASE.</summary>
    public string? OtherwiseDatabase { get; init; }

    /// <exception cref="Errors.DbSafetyException"><c>DBS105</c>, <c>DBS106</c>, <c>DBS124</c> to <c>DBS127</c>.</exception>
    public DatabaseTarget Resolve() =>
        ConnectionString is not null ? ConnectionResolver.Resolve(this, DatabaseTargets.Read(ConnectionString))
        : EnvFile is not null ? DatabaseTargets.FromEnvFile(this)
        : DatabaseTargets.FromEnvironment(this);
}
