using DbSafety.Backups;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class OtherDatabaseTests(PgServer pg)
{
    [Fact]
    public async Task A_backup_of_another_database_replaces_a_live_database_only_if_this_is_allowed()
    {
        using var folder = new TempFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        var reporting = await pg.CreateDatabaseAsync("reporting", "CREATE TABLE r (id int)");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(shop, folder.Path), OperationEvents.None, CancellationToken.None);

        foreach (var inPlace in new[] { null, folder.Path })
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(new RestoreRequest(backup.Path, reporting) { InPlaceBackup = inPlace }));
            Assert.Equal(("DBS130", ErrorKind.Refused), (error.Code, error.Kind));
        }

        Assert.True(await PgServer.ScalarAsync<bool>(reporting, "SELECT to_regclass('r') IS NOT NULL"));
        await RestoreAsync(new RestoreRequest(backup.Path, shop));
        await RestoreAsync(new RestoreRequest(backup.Path, shop.On(shop.Database + "_new")));
        await RestoreAsync(new RestoreRequest(backup.Path, reporting) { AllowOtherDatabase = true });
        Assert.Equal(1L, await PgServer.ScalarAsync<long>(reporting, "SELECT count(*) FROM t"));

        Task<PgRestore> RestoreAsync(RestoreRequest request) => new RestoreDatabase().RunAsync(request, OperationEvents.None, CancellationToken.None);
    }

    [Fact]
    public async Task A_restore_over_a_database_of_another_cluster_reports_both_clusters()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        using var folder = new TempFolder();
        var here = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t (id int)");
        await PgServer.ExecuteAsync(server.Target.On("postgres"), $"CREATE DATABASE {here.Database}");
        var there = await new BackupDatabase().RunAsync(new BackupRequest(server.Target.On(here.Database), folder.Path), OperationEvents.None, CancellationToken.None);
        var cluster = await PgServer.ScalarAsync<string>(here, "SELECT system_identifier::text FROM pg_control_system()");
        Assert.Equal($"'{here.Database}' on {here.Server} (cluster {cluster})", await new ReplacedDatabase().RunAsync(here, OperationEvents.None, CancellationToken.None));
        Assert.Null(await new ReplacedDatabase().RunAsync(here.On("none"), OperationEvents.None, CancellationToken.None));

        Assert.Contains($"(cluster {there.SystemIdentifier}); it replaces '{here.Database}' on {here.Server} (cluster {cluster}), which is another cluster", await SaidAsync(there.Path), StringComparison.Ordinal);
        Assert.DoesNotContain("another cluster", await SaidAsync((await new BackupDatabase().RunAsync(new BackupRequest(here, folder.Path), OperationEvents.None, CancellationToken.None)).Path), StringComparison.Ordinal);

        async Task<string> SaidAsync(string path)
        {
            var events = new RecordedEvents();
            await new RestoreDatabase().RunAsync(new RestoreRequest(path, here), events, CancellationToken.None);
            return events.Text;
        }
    }
}
