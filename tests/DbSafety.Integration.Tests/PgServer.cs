using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Integration.Tests;

/// <summary>One real PostgreSQL for a group of test classes; each test makes its own database.</summary>
public sealed class PgServer : IAsyncLifetime
{
    /// <summary>What SQL changes beside its own database; a template does not carry it.</summary>
    private static readonly Regex Outside = new(@"\b(DATABASE|ROLE|USER|SUBSCRIPTION|PREPARED?|SLOT|TABLESPACE)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>?> templates = new(StringComparer.Ordinal);

    private ScratchServer? server;

    public ScratchServer Server => server ?? throw new InvalidOperationException("the server has not been started");

    public DatabaseTarget Target => Server.Target;

    /// <summary>With less of a log than a rehearsal's, for it lives as long as the whole run. Autovacuum would write between two steps of a test.</summary>
    public async ValueTask InitializeAsync() => server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "max_wal_size=512MB", "autovacuum_naptime=1d");

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>A new database with a name of its own, filled by the SQL; from a template, if the same SQL is used a second time.</summary>
    public async Task<DatabaseTarget> CreateDatabaseAsync(string name, string? sql = null)
    {
        if (sql is null || Outside.IsMatch(sql) || templates.TryAdd(sql, null))
            return await CreateAsync(name, "template0", sql);
        var template = templates.AddOrUpdate(sql, _ => null, (_, made) => made ?? new Lazy<Task<string>>(async () => (await CreateAsync("filled", "template0", sql)).Database))!;
        return await CreateAsync(name, await template.Value, null);
    }

    private async Task<DatabaseTarget> CreateAsync(string name, string template, string? sql)
    {
        name = SqlName.WithSuffix(name, "_" + Guid.NewGuid().ToString("N")[..6]);
        await ExecuteAsync(Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE {SqlName.Quote(template)}");
        var target = Target.On(name);
        if (sql is not null)
            await ExecuteAsync(target, sql);
        return target;
    }

    /// <summary>With psql, up to the first error.</summary>
    public static async Task RunFileAsync(DatabaseTarget target, string file) =>
        (await ToolProcess.RunAsync(new ToolCommand("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", target.Host, "-p", $"{target.Port}", "-U", target.Username, "-d", target.Database, "-f", file), CancellationToken.None)).OrThrow();

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
public sealed class ScriptServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL for scripts";
}

[CollectionDefinition(Name)]
public sealed class AnalysisServerGroup : ICollectionFixture<PgServer>
{
    public const string Name = "PostgreSQL for the analysis";
}
