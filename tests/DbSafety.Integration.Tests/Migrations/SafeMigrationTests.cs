using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(ScriptServerGroup.Name)]
public sealed class SafeMigrationTests(PgServer pg)
{
    [Fact]
    public async Task A_destructive_migration_is_refused_with_live_row_counts()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_drop.sql", "ALTER TABLE categories DROP COLUMN active;");

        var refusal = await shop.FailsAsync(shop.Request(), "DBS403");

        Assert.Contains("drops column categories.active: 1,204 values would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow 'drop-column:categories.active'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(1204, await shop.CountAsync("categories WHERE active"));
        Assert.Equal("1_drop.sql:Pending", await shop.StatesAsync());
        Assert.False(Directory.Exists(Path.Combine(shop.Root, "backups")));
    }

    [Fact]
    public async Task An_allowed_migration_is_backed_up_rehearsed_and_applied()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_drop.sql", "ALTER TABLE categories DROP COLUMN active;\nINSERT INTO nothing VALUES (1);");

        var run = await shop.RunAsync(shop.Request("drop-column:categories.active"));

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Equal(["1_drop.sql"], run.Applied);
        Assert.Equal(["preflight", "analyse", "gate", "back up", "rehearse", "apply", "verify"], run.Stages.Select(s => s.Name));
        Assert.All(run.Stages, s => Assert.Equal(MigrationStageState.Done, s.State));
        Assert.Equal(new TableChange("nothing", 1, 0, 0), Assert.Single(run.Changes));
        Assert.Contains("pre-migration", run.Backup!.Labels);
        Assert.True(File.Exists(run.Backup.Path));
        Assert.Equal("1_drop.sql:Applied", await shop.StatesAsync());
        Assert.InRange(run.LockedFor, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Request())).Outcome);
    }

    [Fact]
    public async Task A_rehearsal_detects_a_failing_migration_and_production_is_not_changed()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);").With("2_b.sql", "SELECT 1;\nINSERT INTO products\n  VALUES (1, 1, 'again', NULL);");

        var refusal = await shop.FailsAsync(shop.Request(), "DBS404");

        Assert.Contains("2_b.sql line 2", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("duplicate key", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("The database was not changed: its migration history is the same, and the cumulative statistics show no rows written to it during the rehearsal.", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending", await shop.StatesAsync());
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL OR to_regnamespace('dbsafety') IS NOT NULL"));
    }

    [Fact]
    public async Task A_failed_rehearsal_reports_concurrent_changes_in_production()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("restore: database filled", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO nothing VALUES (1); TRUNCATE products"));

        var refusal = await shop.FailsAsync(shop.Request(), "DBS404");

        Assert.DoesNotContain("not changed", refusal.Hint, StringComparison.Ordinal);
        Assert.Contains("table public.products was emptied or rewritten; rows were written to nothing; other sessions made them, because the copy was isolated", refusal.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_successful_rehearsal_warns_about_rows_that_other_sessions_removed_from_production()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");
        using var at = StepListener.At("restore: database filled", () => PgServer.ExecuteAsync(shop.Target, "TRUNCATE products"));

        await shop.RunAsync(shop.Request());

        Assert.Contains($"while the migrations were rehearsed on an isolated copy, in {shop.Target.Database} itself: table public.products was emptied or rewritten", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_to_the_copy_is_reported_as_a_failed_rehearsal()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "SELECT pg_terminate_backend(pg_backend_pid());");

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS404");

        Assert.Contains("terminated the connection to the copy, or its server: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("terminating connection due to administrator command", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Refused, shop.Outcome);
    }

    [Fact]
    public async Task A_failed_migration_without_a_rehearsal_is_rolled_back_and_recorded_with_its_log()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_bad", "DELETE FROM nothing;\nCREATE TABLE made (id int);\nSELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS406");

        Assert.Contains("1_bad/migration.sql line 3: division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Contains("rolled back", failure.Hint, StringComparison.Ordinal);
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
        var listed = Assert.Single(await shop.ListAsync());
        Assert.Equal(MigrationState.Failed, listed.State);
        Assert.Contains("division by zero", listed.Log, StringComparison.Ordinal);
        var next = await shop.FailsAsync(shop.Quick(), "DBS402");
        Assert.Contains("division by zero", next.Message, StringComparison.Ordinal);
        Assert.Contains("prisma migrate resolve --rolled-back \"1_bad\"", next.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_if_changes_nothing()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");

        var plan = await shop.RunAsync(shop.Request() with { WhatIf = true });

        Assert.Equal(SafeMigrationOutcome.Planned, plan.Outcome);
        Assert.Equal(["1_a.sql"], plan.Pending);
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL OR to_regnamespace('dbsafety') IS NOT NULL"));
    }

    [Fact]
    public async Task A_database_with_tables_and_no_history_is_refused_with_the_baseline_command()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_init", "CREATE TABLE \"products\" (id int);").WithPrisma("2_more", "ALTER TABLE products ADD COLUMN x int;");

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS416");
        Assert.Contains("products", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("dbsafety migration resolve", refusal.Hint, StringComparison.Ordinal);

        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "1_init", MigrationResolution.Baseline), shop.Events, CancellationToken.None);
        Assert.Equal(["2_more"], (await shop.RunAsync(shop.Quick())).Applied);
    }

    [Fact]
    public async Task A_rehearsal_reports_a_missing_privilege()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE categories ADD COLUMN x int;");
        var role = "weak_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(shop.Target, $"CREATE ROLE {role} LOGIN; GRANT pg_read_all_data TO {role}; GRANT CREATE ON DATABASE \"{shop.Target.Database}\" TO {role}; GRANT CREATE ON SCHEMA public TO {role}");

        var refusal = await shop.FailsAsync(shop.Request() with { Target = shop.Target with { Username = role } }, "DBS404");

        Assert.Contains("must be owner of table categories", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_owner_without_superuser_can_run_migrations()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE categories ADD COLUMN x int;\nDELETE FROM products WHERE id = 1;\nGRANT SELECT ON categories TO reader_of_it;");
        var role = "Owner " + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(shop.Target,
            $"""
            CREATE ROLE "{role}" LOGIN; ALTER DATABASE "{shop.Target.Database}" OWNER TO "{role}"; ALTER SCHEMA public OWNER TO "{role}";
            ALTER TABLE categories OWNER TO "{role}"; ALTER TABLE products OWNER TO "{role}"; ALTER TABLE nothing OWNER TO "{role}"; CREATE ROLE reader_of_it
            """);

        var run = await shop.RunAsync(shop.Request("delete-rows:products") with { Target = shop.Target with { Username = role } });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("temporary", run.Stages.Single(s => s.Name == "rehearse").Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_test_reports_paths_relative_to_the_folder_and_reads_only_pending_migrations()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_a", "DROP TABLE nothing;");
        await shop.RunAsync(shop.Quick());
        shop.WithPrisma("2_b", "-- c\nDROP TABLE products;\nCREATE TABLE made (id int);").WithPrisma("3_c", "DROP TABLE made;");

        var shown = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Root, shop.Target), shop.Events, CancellationToken.None);
        var all = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
        var offline = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations), shop.Events, CancellationToken.None);

        var finding = Assert.Single(shown, f => f.Rule == "drop-table");
        Assert.Equal(("migrations/2_b/migration.sql", 2, 1), (finding.File, finding.Line, finding.Statement));
        Assert.Equal(10, finding.LiveFacts["rows"]);
        Assert.Equal(["drop-table:products", "missing-lock-timeout:products", "create-table:made", "drop-table:made"], all.Select(f => f.AllowAs));
        Assert.Equal(["1_a/migration.sql", "2_b/migration.sql"], offline.Select(f => f.File).Distinct());
    }

    [Fact]
    [Hazard("H6")]
    public async Task A_rehearsal_runs_on_the_production_server_without_a_matching_local_server_and_drops_abandoned_copies()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(shop.Target.Database + "_rehearsal_20260101T000000Z")} CONNECTION LIMIT {RetainedDatabases.CreationLimit(shop.Target.Database, MarkKind.Rehearsal)}");
        await using var run = new SafeMigrationRun(shop.Request(), MigrationProject.Open(shop.Migrations, shop.Target), shop.Events);
        await Preflight.RunAsync(run, CancellationToken.None);
        Assert.Contains($"dropped {shop.Target.Database}_rehearsal_20260101T000000Z", shop.Events.Text, StringComparison.Ordinal);
        await BackUp.RunAsync(run, CancellationToken.None);
        var odd = run.Backup! with { Manifest = run.Backup.Manifest with { Extensions = [new("not_to_be_had", "1", "public")] } };
        run.Backup = odd;

        var evidence = await Rehearse.RunAsync(run, CancellationToken.None);

        Assert.Contains("_rehearsal_", evidence, StringComparison.Ordinal);
        Assert.Contains("not_to_be_had", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(0, await PgServer.ScalarAsync<long>(shop.Target, $"SELECT count(*) FROM pg_database WHERE datname LIKE '{shop.Target.Database}\\_rehearsal%'"));
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
    }
}
