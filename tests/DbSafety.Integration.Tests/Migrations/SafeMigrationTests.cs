using DbSafety.Migrations;
using DbSafety.Migrations.Stages;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(PgServerGroup.Name)]
public sealed class SafeMigrationTests(PgServer pg)
{
    [Fact]
    public async Task A_destructive_migration_is_refused_with_its_live_numbers()
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
    public async Task An_allowed_one_is_backed_up_rehearsed_and_applied()
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
    public async Task A_failing_one_is_found_by_the_rehearsal_and_production_is_not_touched()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);").With("2_b.sql", "SELECT 1;\nINSERT INTO products\n  VALUES (1, 1, 'again', NULL);");

        var refusal = await shop.FailsAsync(shop.Request(), "DBS404");

        Assert.Contains("2_b.sql line 2", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("duplicate key", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending", await shop.StatesAsync());
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL OR to_regnamespace('dbsafety') IS NOT NULL"));
    }

    [Fact]
    public async Task Without_a_rehearsal_a_failing_one_is_rolled_back_and_recorded_with_its_log()
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

    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'DELETE FROM products'; END $$;", "delete-rows:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'DROP TABLE products'; END $$;", "drop-table:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'TRUNCATE products'; END $$;", "delete-rows:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'ALTER TABLE products DROP COLUMN name'; END $$;", "drop-column:products.name")]
    public async Task What_is_lost_out_of_sight_is_found_by_the_rehearsal_and_can_be_allowed(string sql, string allow)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", sql);

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS405");

        Assert.Contains($"--allow '{allow}'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products WHERE name IS NOT NULL"));
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request(allow) with { SkipBackup = true })).Outcome);
    }

    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'DELETE FROM products'; END $$;")]
    [InlineData("DO $$ BEGIN EXECUTE 'TRUNCATE products'; END $$;")]
    [InlineData("DO $$ BEGIN EXECUTE 'DROP TABLE products'; END $$;")]
    public async Task Without_a_rehearsal_it_is_found_before_the_commit(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", sql);

        await shop.FailsAsync(shop.Quick(), "DBS409");

        Assert.Equal(10, await shop.CountAsync("products"));
        Assert.Equal("1_hidden.sql:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Rows_that_go_by_cascade_are_named_and_counted()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_delete.sql", "DELETE FROM categories WHERE id <= 3;");

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Contains("deletes rows of categories: 3 rows would be lost", refusal.Message, StringComparison.Ordinal);

        var run = await shop.RunAsync(shop.Quick("delete-rows:categories"));
        Assert.Equal(["categories 3", "products 3"], run.Lost.Select(l => $"{l.Table} {l.Deleted}").Order());
    }

    [Theory]
    [InlineData("DROP TABLE nothing")]
    [InlineData("ALTER TABLE products DROP COLUMN note")]
    [InlineData("DROP TABLE IF EXISTS not_there")]
    [InlineData("TRUNCATE nothing")]
    public async Task Where_nothing_is_there_to_lose_nothing_is_refused(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Theory]
    [InlineData("ALTER TABLE products ADD COLUMN sku text NOT NULL", "the table has 10 rows")]
    [InlineData("ALTER TABLE products ALTER COLUMN note SET NOT NULL", "10 rows have none")]
    public async Task What_is_bound_to_fail_on_the_data_is_refused(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS412");
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowance_that_names_nothing_pending_is_a_mistake()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_drop.sql", "DROP TABLE products;");
        var mistake = await shop.FailsAsync(shop.Quick("drop-table:product"), "DBS407");
        Assert.Contains("drop-table:products", mistake.Hint, StringComparison.Ordinal);
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
    public async Task A_script_that_cannot_be_one_transaction_is_run_statement_by_statement_and_it_is_said()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_index.sql", "CREATE INDEX CONCURRENTLY products_name ON products (name);\nVACUUM products;\n");

        var run = await shop.RunAsync(shop.Request());

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("statement by statement", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'products_name'::regclass"));
    }

    [Fact]
    public async Task What_was_committed_of_a_failed_run_is_put_back_on_demand()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Restore }, "DBS406");

        Assert.Contains("The backup of before was restored", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("products WHERE name = 'new'"));
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending", await shop.StatesAsync());
        var ended = Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>());
        Assert.Equal(SafeMigrationOutcome.PutBack, ended.Run.Outcome);
    }

    [Theory]
    [InlineData(false, SafeMigrationOutcome.PutBack)]
    [InlineData(true, SafeMigrationOutcome.Failed)]
    public async Task Left_to_itself_it_puts_back_unless_others_have_written_meanwhile(bool others, SafeMigrationOutcome outcome)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");
        if (others)
            shop.With("1_b.sql", "CREATE EXTENSION dblink; SELECT dblink_exec('dbname=' || current_database() || ' user=' || current_user || ' host=' || split_part(current_setting('unix_socket_directories'), ',', 1) || ' port=' || current_setting('port'), 'INSERT INTO nothing VALUES (1)');");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(outcome, Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
        Assert.Equal(others, failure.Hint.Contains("Others have written since the backup (nothing)", StringComparison.Ordinal));
        Assert.Equal(others ? 1 : 0, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task A_database_that_was_pushed_before_is_refused_with_the_command_that_takes_it_over()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_init", "CREATE TABLE \"products\" (id int);").WithPrisma("2_more", "ALTER TABLE products ADD COLUMN x int;");

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS416");
        Assert.Contains("products", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("dbsafety migration resolve", refusal.Hint, StringComparison.Ordinal);

        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "1_init", MigrationResolution.Baseline), shop.Events, CancellationToken.None);
        Assert.Equal(["2_more"], (await shop.RunAsync(shop.Quick())).Applied);
    }

    [Fact]
    public async Task Left_as_it_is_a_failed_run_says_which_command_goes_back()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Stop }, "DBS406");

        Assert.Contains("dbsafety restore run \"" + Path.Combine(shop.Root, "backups"), failure.Hint, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Applied 2_b.sql:Failed", await shop.StatesAsync());
    }

    [Fact]
    public async Task A_missing_privilege_shows_in_the_rehearsal()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE categories ADD COLUMN x int;");
        var role = "weak_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(shop.Target, $"CREATE ROLE {role} LOGIN; GRANT pg_read_all_data TO {role}; GRANT CREATE ON DATABASE \"{shop.Target.Database}\" TO {role}; GRANT CREATE ON SCHEMA public TO {role}");

        var refusal = await shop.FailsAsync(shop.Request() with { Target = shop.Target with { Username = role } }, "DBS404");

        Assert.Contains("must be owner of table categories", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_s_owner_need_not_be_a_superuser()
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
        Assert.Contains("throwaway", run.Stages.Single(s => s.Name == "rehearse").Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drop-column:\"Order\".\"createdAt\"")]
    [InlineData("drop-column:Order.createdAt")]
    [InlineData("drop-column:public.Order.createdAt")]
    public async Task Names_that_need_quotes_can_be_allowed_with_and_without_them(string allow)
    {
        const string Schema = "CREATE TABLE \"Order\" (id int, \"createdAt\" int, \"odd \"\"; --\" int); INSERT INTO \"Order\" VALUES (1, 2, 3)";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", "ALTER TABLE \"Order\" DROP COLUMN \"createdAt\";");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Contains("--allow 'drop-column:\"Order\".\"createdAt\"'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick(allow))).Outcome);
    }

    [Fact]
    public async Task A_test_names_files_relative_to_the_folder_and_reads_only_what_is_pending()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_a", "DROP TABLE nothing;");
        await shop.RunAsync(shop.Quick());
        shop.WithPrisma("2_b", "-- c\nDROP TABLE products;\nCREATE TABLE made (id int); DROP TABLE made;");

        var shown = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Root, shop.Target), shop.Events, CancellationToken.None);
        var all = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
        var offline = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations), shop.Events, CancellationToken.None);

        var finding = Assert.Single(shown);
        Assert.Equal(("migrations/2_b/migration.sql", 2, 1), (finding.File, finding.Line, finding.Statement));
        Assert.Equal(10, finding.LiveFacts["rows"]);
        Assert.Equal(["drop-table:products", "create-table:made", "drop-table:made"], all.Select(f => f.AllowAs));
        Assert.Equal(["1_a/migration.sql", "2_b/migration.sql"], offline.Select(f => f.File));
    }

    [Fact]
    public async Task Renaming_loses_nothing_and_is_not_taken_for_a_loss()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE products RENAME TO goods; ALTER TABLE goods RENAME COLUMN name TO title; CREATE SCHEMA app; ALTER TABLE goods SET SCHEMA app;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request() with { SkipBackup = true })).Outcome);
        Assert.Equal(10, await shop.CountAsync("app.goods WHERE title IS NOT NULL"));
    }

    [Theory]
    [InlineData("ALTER TABLE products ALTER COLUMN id TYPE bigint", null)]
    [InlineData("ALTER TABLE products ALTER name TYPE varchar(3)", null)]
    [InlineData("ALTER TABLE products ALTER COLUMN name SET DATA TYPE varchar(2) USING left(name, 2)", "converts products.name to varchar(2): 1 value would not come back the same")]
    [InlineData("ALTER TABLE categories ALTER COLUMN name TYPE int USING substr(name, 2)::int", "converts categories.name to int: 1,204 values would not come back the same")]
    [InlineData("ALTER TABLE products ALTER COLUMN name TYPE int USING 0", "converts products.name to int: 10 values would not come back the same")]
    [InlineData("ALTER TABLE products ALTER COLUMN name TYPE timestamptz USING name::timestamptz", "converts products.name to timestamptz (how many could not be counted)")]
    public async Task A_conversion_is_refused_only_where_values_would_not_survive_it(string sql, string? expected)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        if (expected is null)
            Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        else
            Assert.Contains(expected, (await shop.FailsAsync(shop.Quick(), "DBS403")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_this_machine_cannot_be_like_production_the_rehearsal_is_held_beside_it_and_cleaned_up()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");
        await using var run = new SafeMigrationRun(shop.Request(), MigrationProject.Open(shop.Migrations, shop.Target), shop.Events);
        await Preflight.RunAsync(run, CancellationToken.None);
        await BackUp.RunAsync(run, CancellationToken.None);
        var odd = run.Backup! with { Manifest = run.Backup.Manifest with { Extensions = [new("not_to_be_had", "1", "public")] } };
        run.Backup = odd;

        var evidence = await Rehearse.RunAsync(run, CancellationToken.None);

        Assert.Contains("_rehearsal_", evidence, StringComparison.Ordinal);
        Assert.Contains("not_to_be_had", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(0, await PgServer.ScalarAsync<long>(shop.Target, $"SELECT count(*) FROM pg_database WHERE datname LIKE '{shop.Target.Database}\\_rehearsal%'"));
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
    }

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;\nSELECT f();")]
    [InlineData("CREATE RULE r AS ON INSERT TO nothing DO ALSO (SELECT 1; SELECT 2);")]
    [InlineData("INSERT INTO nothing SELECT 1 WHERE '{\"a\": 1}'::jsonb ? 'a' AND ':x @y ;' <> E'\\';' AND $$ ; $$ <> '';")]
    [InlineData("BEGIN;\nINSERT INTO nothing VALUES (1);\nCOMMIT;")]
    [InlineData("COPY nothing (id) FROM stdin;\n1\n2\n\\.\n")]
    public async Task Odd_scripts_reach_PostgreSQL_as_they_are(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_odd.sql", sql);
        var run = await shop.RunAsync(shop.Quick());
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.DoesNotContain("statement by statement", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
    }
}
