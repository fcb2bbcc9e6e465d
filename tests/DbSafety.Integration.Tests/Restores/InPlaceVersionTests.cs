using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>In-place restores of databases with odd names and rare kinds of objects, on an old server and on this machine's.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceVersionTests
{
    private const string Rare = """
        CREATE FUNCTION none_s(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE AGGREGATE nothing(*) (SFUNC = none_s, STYPE = int);
        CREATE FUNCTION joined(categories, categories) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR === (LEFTARG = categories, RIGHTARG = categories, FUNCTION = joined);
        CREATE COLLATION plain (locale = 'C'); CREATE TEXT SEARCH CONFIGURATION own (COPY = simple); CREATE TYPE span AS RANGE (SUBTYPE = int); CREATE PROCEDURE act() LANGUAGE sql AS 'SELECT 1';
        CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER away FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE far (id int) SERVER away;
        """;

    [Theory]
    [InlineData(12)]
    [InlineData(15)]
    public async Task An_in_place_restore_matches_the_backup_and_detects_concurrent_changes(int major)
    {
        await using var server = major == 15 ? await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None) : await NewerServer.StartAsync(major);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE \"Shop \"\"x\"\" ü\" TEMPLATE template0");
        var shop = server.Target.On("Shop \"x\" ü");
        await PgServer.ExecuteAsync(shop, SampleSql.Odd.Replace("SELECT lo_create(0);", "", StringComparison.Ordinal).Replace("SELECT lo_from_bytea(0, '\\x000102');", "", StringComparison.Ordinal) + SampleSql.Shop + Rare);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(shop, folder.Path), OperationEvents.None, CancellationToken.None);
        var before = await FingerprintReader.ReadAsync(shop, CancellationToken.None);
        await PgServer.ExecuteAsync(shop, "DELETE FROM orders; DROP TABLE wide; CREATE SCHEMA more; CREATE TABLE more.t (id int)");

        DbSafetyException error;
        using (StepListener.At(InPlaceDatabase.Point + "state before proven", () => PgServer.ExecuteAsync(shop, "CREATE VIEW seen AS SELECT * FROM orders")))
            error = await Assert.ThrowsAsync<DbSafetyException>(RestoreAsync);
        var restore = await RestoreAsync();

        Assert.Equal("DBS324", error.Code);
        Assert.Contains("view public.seen", error.Message, StringComparison.Ordinal);
        Assert.True(restore.Verified);
        InPlaceDatabase.AssertSame(before, await FingerprintReader.ReadAsync(shop, CancellationToken.None));

        Task<PgRestore> RestoreAsync() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, shop) { InPlaceBackup = folder.Path }, OperationEvents.None, CancellationToken.None);
    }
}
