using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Comparisons;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Databases.Poolers;

[Collection(PgServerGroup.Name)]
public sealed class TransactionPoolerTests(PgServer pg) : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecordedEvents events = new();

    public void Dispose() => folder.Dispose();

    [PgBouncerTheory]
    [InlineData("transaction", 8, false)]
    [InlineData("transaction", 2, false)]
    [InlineData("transaction", 2, true)]
    [InlineData("transaction", 1, false)]
    [InlineData("statement", 8, false)]
    [InlineData("statement", 1, false)]
    public async Task Rejected_operation_leaves_no_state_on_the_server_sessions_of_a_pool(string mode, int poolSize, bool inTurn)
    {
        var direct = await pg.CreateDatabaseAsync("pooled", SampleSql.Shop);
        var set = await new BackupDatabase().RunAsync(new BackupRequest(direct, Path.Combine(folder.Path, "before")), events, CancellationToken.None);
        await using var pooler = await PgBouncer.StartAsync(pg, mode, poolSize, $"server_round_robin = {(inTurn ? 1 : 0)}");
        await using (var app = await PooledApp.StartAsync(pooler, direct.Database))
        {
            foreach (var operation in Operations(set, pooler.Target.On(direct.Database)))
            {
                var refusal = await Assert.ThrowsAsync<DbSafetyException>(operation);
                Assert.True(refusal.Code == "DBS120", refusal.ToString());
            }

            await app.WorksAsync();
        }

        Assert.Equal(["before"], folder.Names.Except(["migrations"]));
        if (mode == "transaction")
            await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerTheory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task Idle_transaction_mode_pool_is_rejected(int poolSize, bool inTurn)
    {
        var direct = await pg.CreateDatabaseAsync("idle", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "transaction", poolSize, $"server_round_robin = {(inTurn ? 1 : 0)}", $"min_pool_size = {poolSize}");
        var clients = await Task.WhenAll(Enumerable.Range(0, poolSize).Select(_ => pooler.ConnectAsync(direct.Database)));
        // As many server sessions as the pool may have.
        foreach (var client in clients)
            await client.ExecuteAsync("BEGIN", CancellationToken.None);
        foreach (var client in clients)
            await client.DisposeAsync();
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(pooler.Target.On(direct.Database), folder.Path), events, CancellationToken.None));
        Assert.True(refusal.Code == "DBS120", refusal.ToString());
        Assert.Empty(folder.Names);
    }

    [PgBouncerTheory]
    [InlineData("transaction")]
    [InlineData("session")]
    public async Task Error_identifies_a_pooler_that_rejects_or_ignores_startup_options(string mode)
    {
        var direct = await pg.CreateDatabaseAsync("options", SampleSql.Shop);
        await using var rejects = await PgBouncer.StartAsync(pg, mode, 4);
        var target = rejects.Target.On(direct.Database) with { Options = "-c search_path=app" };
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => target.OpenAsync(CancellationToken.None));
        Assert.Equal("DBS122", refusal.Code);
        Assert.Contains("unsupported startup parameter", refusal.Message, StringComparison.Ordinal);
        await using var ignores = await PgBouncer.StartAsync(pg, mode, 4, "ignore_startup_parameters = options");
        refusal = await Assert.ThrowsAsync<DbSafetyException>(() => (target with { Host = ignores.Target.Host }).OpenAsync(CancellationToken.None));
        Assert.Equal(mode == "session" ? "DBS122" : "DBS120", refusal.Code);
        Assert.True(mode != "session" || refusal.Message.Contains("it ignores search_path", StringComparison.Ordinal), refusal.Message);
    }

    private IEnumerable<Func<Task>> Operations(PgBackup set, DatabaseTarget target)
    {
        var migrations = Directory.CreateDirectory(Path.Combine(folder.Path, "migrations")).FullName;
        File.WriteAllText(Path.Combine(migrations, "001_note.sql"), "ALTER TABLE orders ADD more text;");
        var none = CancellationToken.None;
        return
        [
            () => new BackupDatabase().RunAsync(new BackupRequest(target, Path.Combine(folder.Path, "backups")), events, none),
            () => new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target), events, none),
            () => new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target) { InPlaceBackup = Path.Combine(folder.Path, "in place") }, events, none),
            () => new UndoRestore().RunAsync(new UndoRestoreRequest(target), events, none),
            () => new RunSafeMigration().RunAsync(new SafeMigrationRequest(migrations, target) { BackupDestination = Path.Combine(folder.Path, "backups") }, events, none),
            () => new GetMigrations().RunAsync(new MigrationListRequest(migrations, target), events, none),
            () => new ResolveMigration().RunAsync(new MigrationResolveRequest(migrations, target, "all", MigrationResolution.Baseline), events, none),
            () => new AnalyseMigrations().RunAsync(new MigrationTestRequest(migrations, target), events, none),
            () => new MeasureDatabase().RunAsync(new DatabaseMeasureRequest(target), events, none),
            () => new ListTables().RunAsync(new DatabaseListRequest(target), events, none),
            () => new ListDatabases().RunAsync(new DatabaseListRequest(target), events, none),
            () => new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(target), ComparisonSide.Of(target)), events, none),
        ];
    }
}
