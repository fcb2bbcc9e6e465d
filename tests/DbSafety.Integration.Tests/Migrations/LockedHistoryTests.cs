using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A migration history that another session has locked, as VACUUM FULL or a migration that has not ended does.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class LockedHistoryTests(PgServer pg)
{
    [Fact]
    public async Task Locked_migration_history_fails_after_a_short_wait_and_the_blocking_session_is_reported()
    {
        using var files = new TempFolder();
        using var dbmate = new TempFolder();
        using var prisma = new TempFolder();
        new MigrationLayout("", ("001_a.sql", "SELECT 1;")).WriteTo(files.Path);
        new MigrationLayout("", ("db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n")).WriteTo(dbmate.Path);
        new MigrationLayout("", ("prisma/migrations/20240101_a/migration.sql", "SELECT 1;")).WriteTo(prisma.Path);
        var target = await pg.CreateDatabaseAsync("locked", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE _prisma_migrations (id varchar, checksum varchar, finished_at timestamptz, migration_name varchar, logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int);");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(files.Path, target, "001_a.sql", MigrationResolution.Applied) { Source = MigrationSource.Sql }, new RecordedEvents(), CancellationToken.None);
        await using var holder = await target.OpenAsync(CancellationToken.None);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE dbsafety.migrations, schema_migrations, _prisma_migrations IN ACCESS EXCLUSIVE MODE", CancellationToken.None);
        // One run at a time works on a database.
        var second = await pg.CreateDatabaseAsync("locked", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)");
        await using var other = await second.OpenAsync(CancellationToken.None);
        await other.ExecuteAsync("BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE", CancellationToken.None);

        var all = new (string Table, Func<Task> Work)[]
        {
            ("dbsafety.migrations", () => ListAsync(files.Path, MigrationSource.Sql)),
            ("schema_migrations", () => ListAsync(dbmate.Path, null)),
            ("_prisma_migrations", () => ListAsync(prisma.Path, null)),
            ("dbsafety.migrations", () => new ResolveMigration().RunAsync(new MigrationResolveRequest(files.Path, target, "001_a.sql", MigrationResolution.Applied) { Source = MigrationSource.Sql }, new RecordedEvents(), CancellationToken.None)),
            ("dbsafety.migrations", () => new AnalyseMigrations().RunAsync(new MigrationTestRequest(files.Path) { Target = target, Source = MigrationSource.Sql }, new RecordedEvents(), CancellationToken.None)),
            ("schema_migrations", () => new RunSafeMigration().RunAsync(new SafeMigrationRequest(dbmate.Path, second) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse(["true"]) }, new RecordedEvents(), CancellationToken.None)),
        };
        await Task.WhenAll(all.Select(async one =>
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(one.Work);
            Assert.True(error.Code == "DBS489", error.ToString());
            Assert.Matches($"table {one.Table} is locked by pid ({holder.ProcessID}|{other.ProcessID}) ", error.Message);
        }));

        await holder.ExecuteAsync("ROLLBACK", CancellationToken.None);
        await ListAsync(files.Path, MigrationSource.Sql);

        Task ListAsync(string folder, MigrationSource? source) => new GetMigrations().RunAsync(new MigrationListRequest(folder, target) { Source = source }, new RecordedEvents(), CancellationToken.None);
    }

    [Fact]
    public async Task Command_applies_several_changesets_of_one_file()
    {
        using var folder = new TempFolder();
        const string Row = "INSERT INTO databasechangelog VALUES ('{0}', 'x', 'changelog.sql', now(), {0}, 'EXECUTED');";
        new MigrationLayout("", ("liquibase.properties", "changeLogFile=changelog.sql\n"), ("changelog.sql", "--liquibase formatted sql\n--changeset x:1\nCREATE TABLE a (x int);\n--changeset x:2\nCREATE TABLE b (x int);\n"),
            ("run.psql", "CREATE TABLE a (x int); CREATE TABLE b (x int);" + string.Format(System.Globalization.CultureInfo.InvariantCulture, Row, 1) + string.Format(System.Globalization.CultureInfo.InvariantCulture, Row, 2))).WriteTo(folder.Path);
        var target = await pg.CreateDatabaseAsync("liquibase", "CREATE TABLE databasechangelog (id varchar, author varchar, filename varchar, dateexecuted timestamp, orderexecuted int, exectype varchar);");
        using var shop = Shop.At(target);

        var run = await shop.RunAsync(shop.Quick() with { Path = folder.Path, SkipRehearsal = false, Command = MigrationCommand.Parse(["psql -v ON_ERROR_STOP=1 -f run.psql"]) });

        Assert.Equal((SafeMigrationOutcome.Applied, "changelog.sql::1::x changelog.sql::2::x"), (run.Outcome, string.Join(' ', run.Applied)));
    }
}
