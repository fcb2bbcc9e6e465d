using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Tables whose row security applies to their owner, and dumps without definitions.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class RowSecurityTests(PgServer pg)
{
    private const string Secured = """
        CREATE TABLE tenants (id int PRIMARY KEY, tenant text); INSERT INTO tenants SELECT i, 'other' FROM generate_series(1, 50) i;
        ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
        CREATE POLICY own ON tenants USING (tenant = current_user);
        """;

    [Theory]
    [InlineData("ours", false)]
    [InlineData("ours", true)]
    [InlineData("custom", false)]
    [InlineData("plain", false)]
    public async Task The_owner_of_tables_with_FORCE_ROW_LEVEL_SECURITY_restores_a_set_that_a_superuser_created(string shape, bool inPlace)
    {
        var (owned, role) = await OwnedAsync();
        await PgServer.ExecuteAsync(owned, Secured);
        var admin = pg.Target.On(owned.Database);
        using var folder = new TempFolder();
        var path = shape == "ours"
            ? (await new BackupDatabase().RunAsync(new BackupRequest(admin, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None)).Path
            : await ForeignDumps.MakeAsync(shape, admin, folder.Path);
        // Here the owner can be backed up before the restore in place.
        await PgServer.ExecuteAsync(admin, inPlace ? "DROP TABLE tenants" : "DELETE FROM tenants WHERE id > 10");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, owned) { AllowOtherDatabase = true, InPlaceBackup = inPlace ? Path.Combine(folder.Path, "before") : null }, new RecordedEvents(), CancellationToken.None);

        Assert.True(restore.Verified);
        Assert.DoesNotContain(restore.Notes, n => n.Contains("definition", StringComparison.Ordinal));
        Assert.Equal(50, await PgServer.ScalarAsync<long>(admin, "SELECT count(*) FROM tenants"));
        Assert.True(await PgServer.ScalarAsync<bool>(admin, $"SELECT relrowsecurity AND relforcerowsecurity AND relowner = '{role}'::regrole FROM pg_class WHERE relname = 'tenants'"));
    }

    [Theory]
    [InlineData("-Fc")]
    [InlineData("-Ft")]
    [InlineData("-Fp")]
    public async Task A_data_only_dump_is_refused_before_anything_is_created(string format)
    {
        var source = await pg.CreateDatabaseAsync("rows", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "rows.dump");
        await ForeignDumps.RunAsync("pg_dump", source, [format, "--data-only", "--file=" + path]);
        Assert.True((await BackupTests.Test(path)).Passed);

        var events = new RecordedEvents();
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(path, pg.Target.On(source.Database + "_new")), events, CancellationToken.None));

        Assert.Equal(("DBS321", 3), (error.Code, error.ExitCode));
        Assert.Contains("data without definitions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_only_dump_and_a_dump_of_a_schema_without_tables_are_restored()
    {
        var source = await pg.CreateDatabaseAsync("definitions", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "definitions.dump");
        await ForeignDumps.RunAsync("pg_dump", source, ["-Fc", "--schema-only", "--file=" + path]);

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, pg.Target.On(source.Database + "_new")), new RecordedEvents(), CancellationToken.None);

        Assert.True(restore.Verified);
    }

    private async Task<(DatabaseTarget Owned, string Role)> OwnedAsync()
    {
        var role = "owner_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        var target = await pg.CreateDatabaseAsync("secured");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(target.Database)} OWNER TO {role}");
        await PgServer.ExecuteAsync(target, $"ALTER SCHEMA public OWNER TO {role}");
        return (target with { Username = role }, role);
    }
}
