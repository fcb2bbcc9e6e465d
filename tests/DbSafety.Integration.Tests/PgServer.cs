using DbSafety.Databases;
using DbSafety.Operations;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests;

/// <summary>One real PostgreSQL for a group of test classes; each test makes its own database.</summary>
public sealed class PgServer : IAsyncLifetime
{
    private ScratchServer? server;

    public ScratchServer Server => server ?? throw new InvalidOperationException("the server has not been started");

    public DatabaseTarget Target => Server.Target;

    /// <summary>With less of a log than a rehearsal's, for it lives as long as the whole run. Autovacuum would write between two steps of a test.</summary>
    public async Task InitializeAsync() => server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "max_wal_size=512MB", "autovacuum_naptime=1d");

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>A new empty database with a name of its own, filled by the SQL given.</summary>
    public async Task<DatabaseTarget> CreateDatabaseAsync(string name, string? sql = null)
    {
        name = SqlName.WithSuffix(name, "_" + Guid.NewGuid().ToString("N")[..6]);
        await ExecuteAsync(Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");
        var target = Target.On(name);
        if (sql is not null)
            await ExecuteAsync(target, sql);
        return target;
    }

    public static async Task ExecuteAsync(DatabaseTarget target, string sql)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(DatabaseTarget target, string sql)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>Test classes of a group run one after the other on one server; groups, each with a server of its own, run at the same time.</summary>
[CollectionDefinition(Name)]
public sealed class PgServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL";
}

[CollectionDefinition(Name)]
public sealed class RestoreServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL for restores";
}

[CollectionDefinition(Name)]
public sealed class MigrationServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL for migrations";
}

[CollectionDefinition(Name)]
public sealed class AnalysisServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL for the analysis";
}
