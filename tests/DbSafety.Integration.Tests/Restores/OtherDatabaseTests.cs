using DbSafety.Backups;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class OtherDatabaseTests(PgServer pg)
{
    [Fact]
    public async Task A_backup_of_another_database_replaces_a_live_one_only_where_that_is_allowed()
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
}
