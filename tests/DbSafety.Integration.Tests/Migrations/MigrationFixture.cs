using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A small shop in a database of its own, and a folder for its migrations.</summary>
public sealed class Shop : IDisposable
{
    public const string Schema =
        """
        CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL, active boolean);
        INSERT INTO categories SELECT i, 'c' || i, true FROM generate_series(1, 1204) i;
        CREATE TABLE products (id int PRIMARY KEY, category int REFERENCES categories ON DELETE CASCADE, name text, note text);
        INSERT INTO products SELECT i, i, 'p' || i, NULL FROM generate_series(1, 10) i;
        CREATE TABLE nothing (id int);
        """;

    private Shop(DatabaseTarget target) => Target = target;

    public DatabaseTarget Target { get; }

    public string Root { get; } = Directory.CreateTempSubdirectory("dbsafety-shop-").FullName;

    public string Migrations => Path.Combine(Root, "migrations");

    public RecordedEvents Events { get; } = new();

    /// <summary>What its requests say of the folder: a schema may hold another tool's history.</summary>
    public MigrationSource? Source { get; private init; }

    public static async Task<Shop> OpenAsync(PgServer pg, string schema = Schema, MigrationSource? source = null) => new(await pg.CreateDatabaseAsync("shop", schema)) { Source = source };

    /// <summary>In an empty database.</summary>
    public static async Task<Shop> OnAsync(DatabaseTarget target)
    {
        await PgServer.ExecuteAsync(target, Schema);
        return new Shop(target);
    }

    /// <summary>On a database as it is.</summary>
    public static Shop At(DatabaseTarget target, MigrationSource? source = null) => new(target) { Source = source };

    public Shop With(string name, string sql)
    {
        Directory.CreateDirectory(Migrations);
        File.WriteAllText(Path.Combine(Migrations, name), sql);
        return this;
    }

    public Shop WithPrisma(string name, string sql)
    {
        Directory.CreateDirectory(Path.Combine(Migrations, name));
        File.WriteAllText(Path.Combine(Migrations, "migration_lock.toml"), "provider = \"postgresql\"\n");
        File.WriteAllText(Path.Combine(Migrations, name, "migration.sql"), sql);
        return this;
    }

    public SafeMigrationRequest Request(params string[] allow) => new(Migrations, Target)
    {
        Allow = allow,
        BackupDestination = Path.Combine(Root, "backups"),
        LockBackoff = TimeSpan.FromMilliseconds(50),
        Source = Source,
    };

    /// <summary>Without a backup and a rehearsal, for what is not about them.</summary>
    public SafeMigrationRequest Quick(params string[] allow) => Request(allow) with { SkipBackup = true, SkipRehearsal = true };

    public Task<SafeMigration> RunAsync(SafeMigrationRequest request) => new RunSafeMigration().RunAsync(request, Events, CancellationToken.None);

    public async Task<DbSafetyException> FailsAsync(SafeMigrationRequest request, string code)
    {
        var failure = await Assert.ThrowsAsync<DbSafetyException>(() => RunAsync(request));
        Assert.True(failure.Code == code, $"{failure.Code}: {failure.Message}\n{failure.Hint}\n{failure}\n{Events.Text}");
        return failure;
    }

    /// <summary>Of the run that failed last.</summary>
    public SafeMigrationOutcome Outcome => Events.All.OfType<SafeMigrationFailedEvent>().Last().Run.Outcome;

    public Task<IReadOnlyList<PgMigration>> ListAsync() => new GetMigrations().RunAsync(new MigrationListRequest(Migrations, Target), Events, CancellationToken.None);

    public async Task<string> StatesAsync() => string.Join(' ', (await ListAsync()).Select(m => $"{m.Name}:{m.State}"));

    public Task<long> CountAsync(string table) => PgServer.ScalarAsync<long>(Target, $"SELECT count(*) FROM {table}");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
