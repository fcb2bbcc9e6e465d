using DbSafety.Analysis.Findings;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What would be lost is refused wherever it hides, unless it was allowed; what loses nothing is not.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class AllowedLossTests(PgServer pg)
{
    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'DELETE FROM products'; END $$;", "delete-rows:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'DROP TABLE products'; END $$;", "drop-table:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'TRUNCATE products'; END $$;", "truncate:products")]
    [InlineData("DO $$ BEGIN EXECUTE 'ALTER TABLE products DROP COLUMN name'; END $$;", "drop-column:products.name")]
    public async Task Rehearsal_detects_data_loss_by_dynamic_SQL_and_the_loss_can_be_allowed(string sql, string allow)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", sql);

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS405");

        Assert.Contains($"--allow '{allow}'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products WHERE name IS NOT NULL"));
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request(allow) with { SkipBackup = true })).Outcome);
    }

    [Theory]
    [InlineData("EXECUTE 'DELETE FROM products'")]
    [InlineData("EXECUTE 'TRUNCATE products'")]
    [InlineData("EXECUTE 'TRUNCATE categories CASCADE'")]
    [InlineData("EXECUTE 'DROP TABLE products'")]
    [InlineData("EXECUTE 'ALTER TABLE products DROP COLUMN name'")]
    [InlineData("EXECUTE 'ALTER TABLE products ALTER note TYPE varchar(9), DROP COLUMN name, ADD COLUMN name text'")]
    [InlineData("EXECUTE 'ALTER TABLE products RENAME TO goods'; EXECUTE 'CREATE TABLE products (id int)'; EXECUTE 'DROP TABLE goods'")]
    [InlineData("BEGIN EXECUTE 'DROP TABLE products'; EXCEPTION WHEN division_by_zero THEN NULL; END")]
    public async Task Hidden_loss_is_detected_before_COMMIT_without_a_rehearsal(string hidden)
    {
        foreach (var script in new[] { $"DO $$ BEGIN {hidden}; END $$;", $"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; CREATE TABLE made (id int); DO $$ BEGIN {hidden}; END $$;" })
        {
            using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", script);
            await shop.FailsAsync(shop.Quick(), "DBS409");
            Assert.Equal(10, await shop.CountAsync("products WHERE name IS NOT NULL"));
            Assert.Equal("1_hidden.sql:Pending", await shop.StatesAsync());
        }
    }

    [Fact]
    public async Task Only_the_script_part_that_exceeds_its_allowance_is_rolled_back()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", "CREATE TABLE made (id int);\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON products (note);\nDO $$ BEGIN EXECUTE 'DELETE FROM products WHERE id = 1'; END $$;\nSELECT 1;");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS409");
        Assert.Contains("1 row of products would be deleted", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Statements 4 to 5 of 1_hidden.sql were rolled back; the statements before them are committed", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products"));

        var run = await shop.RunAsync(shop.Quick("delete-rows:products"));
        Assert.Equal(new TableChange("products", 0, 0, 1), Assert.Single(run.Changes));
    }

    /// <summary>They run at COMMIT, unless they are made to run before it.</summary>
    [Theory]
    [InlineData("", "", "Pending")]
    [InlineData("SET CONSTRAINTS ALL DEFERRED;", "", "Pending")]
    [InlineData("CREATE TABLE made (id int);\nCOMMIT;\n", "\nCREATE INDEX CONCURRENTLY i ON products (note);", "Failed")]
    [InlineData("BEGIN;", "COMMIT;\nVACUUM nothing;", "Pending")]
    public async Task Rows_deleted_by_a_deferred_trigger_are_detected_before_COMMIT(string before, string behind, string state)
    {
        const string Trigger =
            """
            CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM products WHERE id <= 3'; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON nothing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purge();
            """;
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + Trigger)).With("1_a.sql", before + "INSERT INTO nothing VALUES (1);" + behind);

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS409");

        Assert.Contains("3 rows of products would be deleted", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products"));
        Assert.Equal(0, await shop.CountAsync("nothing"));
        Assert.Equal($"1_a.sql:{state}", await shop.StatesAsync());
        if (state == "Pending")
            Assert.Contains(new TableChange("products", 0, 0, 3), (await shop.RunAsync(shop.Quick() with { AllowAll = true })).Changes);
    }

    /// <summary>The error of one is the script's, as at COMMIT.</summary>
    [Fact]
    public async Task Error_of_a_deferred_trigger_is_reported_as_the_error_of_the_script()
    {
        const string Trigger =
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not in this shop'; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON nothing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """;
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + Trigger)).With("1_a.sql", "INSERT INTO nothing VALUES (1);");
        var failure = await shop.FailsAsync(shop.Quick(), "DBS406");
        Assert.Contains("not in this shop", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("nothing"));
    }

    /// <summary>Its own trigger defers what it does once more.</summary>
    [Fact]
    public async Task Loss_by_a_trigger_that_a_deferred_trigger_defers_again_is_detected_before_COMMIT()
    {
        const string Trigger =
            """
            CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM products WHERE id <= 3'; RETURN NULL; END $$;
            CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL DEFERRED; INSERT INTO more VALUES (1); RETURN NULL; END $$;
            CREATE TABLE more (id int);
            CREATE CONSTRAINT TRIGGER first AFTER INSERT ON nothing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again();
            CREATE CONSTRAINT TRIGGER second AFTER INSERT ON more DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purge();
            """;
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + Trigger)).With("1_a.sql", "INSERT INTO nothing VALUES (1);");
        await shop.FailsAsync(shop.Quick(), "DBS409");
        Assert.Equal(10, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task Rows_deleted_by_a_trigger_on_the_migration_history_are_detected_before_COMMIT()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");
        await shop.RunAsync(shop.Quick());
        await PgServer.ExecuteAsync(shop.Target,
            """
            CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.products WHERE id <= 3; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON dbsafety.migrations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purge();
            """);
        shop.With("2_b.sql", "CREATE TABLE made_too (id int);");
        await shop.FailsAsync(shop.Quick(), "DBS409");
        Assert.Equal(10, await shop.CountAsync("products"));
    }

    [Theory]
    [InlineData("EXECUTE 'ALTER TABLE products ALTER name TYPE varchar(100)'")]
    [InlineData("EXECUTE 'DROP TABLE nothing'")]
    [InlineData("EXECUTE 'CREATE TABLE made (id int, other int)'; EXECUTE 'INSERT INTO made VALUES (1)'; EXECUTE 'ALTER TABLE made DROP COLUMN other'; EXECUTE 'DROP TABLE made'")]
    [InlineData("EXECUTE 'ALTER TABLE products RENAME name TO title'; EXECUTE 'ALTER TABLE products RENAME TO goods'")]
    [InlineData("BEGIN EXECUTE 'DROP TABLE products'; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END")]
    public async Task Dynamic_SQL_without_data_loss_is_applied(string hidden)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_hidden.sql", $"DO $$ BEGIN {hidden}; END $$;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(18)]
    public async Task Hidden_loss_is_detected_on_PostgreSQL_12_and_18(int major)
    {
        await using var server = await NewerServer.StartAsync(major);
        foreach (var hidden in new[] { "DELETE FROM products", "TRUNCATE products", "DROP TABLE products", "ALTER TABLE products DROP COLUMN name" })
        {
            await PgServer.ExecuteAsync(server.Target, "DROP DATABASE IF EXISTS shop");
            await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
            using var shop = (await Shop.OnAsync(server.Target.On("shop"))).With("1_hidden.sql", $"UPDATE categories SET active = false WHERE id < 3; DO $$ BEGIN EXECUTE '{hidden}'; END $$;");
            await shop.FailsAsync(shop.Quick(), "DBS409");
            shop.With("1_hidden.sql", "UPDATE categories SET active = false WHERE id < 3;");
            Assert.Equal(new TableChange("categories", 0, 2, 0), Assert.Single((await shop.RunAsync(shop.Quick())).Changes));
        }
    }

    [Fact]
    public async Task Safety_check_counts_rows_and_values_lost_by_foreign_key_actions_of_DELETE_and_requires_an_allowance_for_each()
    {
        const string More =
            """
            CREATE TABLE sales (id int PRIMARY KEY, product int REFERENCES products ON DELETE CASCADE, "By" int REFERENCES categories ON DELETE SET NULL, kept int REFERENCES products ON DELETE RESTRICT);
            INSERT INTO sales SELECT i, i, 3 FROM generate_series(2, 8) i;
            """;
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + More)).With("1_delete.sql", "DELETE FROM categories c WHERE c.id <= 3;");

        var refusal = await shop.FailsAsync(shop.Quick("delete-rows:categories"), "DBS403");

        Assert.Contains("deletes rows of products by ON DELETE CASCADE of foreign key products_category_fkey, with rows of categories: 3 rows would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("deletes rows of sales by ON DELETE CASCADE of foreign key sales_product_fkey, with rows of categories: 2 rows would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("sets sales.\"By\" to NULL by ON DELETE SET NULL of foreign key \"sales_By_fkey\", with rows of categories: 7 values would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow 'delete-rows:products' --allow 'delete-rows:sales' --allow 'column-values:sales.\"By\"'", refusal.Hint, StringComparison.Ordinal);
        var run = await shop.RunAsync(shop.Quick("delete-rows:categories", "delete-rows:products", "delete-rows:sales", "column-values:sales.\"By\""));
        Assert.Equal(["categories 3", "products 3", "sales 0", "sales 2"], run.Lost.Select(l => $"{l.Table} {l.Deleted}").Order());
    }

    [Fact]
    public async Task Safety_check_counts_values_lost_by_ON_UPDATE_SET_NULL()
    {
        using var shop = await Shop.OpenAsync(pg, "CREATE TABLE parents (id int PRIMARY KEY, name text); INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c'); CREATE TABLE children (id int, parent int REFERENCES parents ON UPDATE SET NULL); INSERT INTO children VALUES (1, 1), (2, 1), (3, 2);");

        shop.With("1_update.sql", "UPDATE parents SET id = id + 10 WHERE id <> 2;");
        Assert.Contains("sets children.parent to NULL by ON UPDATE SET NULL of foreign key children_parent_fkey, with rows of parents: up to 2 values would be lost", (await shop.FailsAsync(shop.Quick(), "DBS403")).Message, StringComparison.Ordinal);

        shop.With("1_update.sql", "UPDATE parents SET id = 13 WHERE id = 3; UPDATE parents SET name = 'x' WHERE id = 1;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.Equal(3, await shop.CountAsync("children WHERE parent IS NOT NULL"));
    }

    /// <summary>What PostgreSQL does is compared: a column is named if and only if it loses its value.</summary>
    [Fact]
    public async Task Values_that_foreign_keys_change_on_update_are_named_whatever_the_form_of_the_key_and_the_update()
    {
        const string Replaced = "ALTER TABLE q DROP CONSTRAINT q_d_fkey; ALTER TABLE q ADD CONSTRAINT q_d_fkey FOREIGN KEY (d) REFERENCES par (d) ON UPDATE SET NULL ON DELETE CASCADE;";
        (string Sql, string Lost)[] scripts =
        [
            ("UPDATE par SET d = 11 WHERE d = 1;", "q.d"),
            ("ALTER TABLE par RENAME d TO dd; UPDATE par SET dd = 11 WHERE dd = 1;", "q.d"),
            (Replaced + "UPDATE par SET d = 11 WHERE d = 1;", "q.d"),
            (Replaced + "DELETE FROM par WHERE d = 1;", "q"),
            ("ALTER TABLE other ADD FOREIGN KEY (d) REFERENCES par ON UPDATE SET NULL; UPDATE par SET d = 12 WHERE d = 2;", "other.d"),
            ("UPDATE pv SET d = 11 WHERE d = 1;", "q.d"),
            ("UPDATE named SET k = 11 WHERE k = 1;", "q.d"),
            ("CREATE VIEW made AS SELECT d AS k FROM par; UPDATE made SET k = 11 WHERE k = 1;", "q.d"),
            ("INSERT INTO par (d, o) VALUES (1, 'z') ON CONFLICT (d) DO UPDATE SET d = 11;", "q.d"),
            ("UPDATE par SET o = 'zz' WHERE d = 1; UPDATE par SET d = 11 WHERE o = 'zz';", "q.d"),
            ("UPDATE chain SET d = 11 WHERE d = 1;", "last.d"),
            ("UPDATE chain SET d = NULL WHERE d = 1;", "last.d middle.d"),
            ("DELETE FROM owner WHERE d = 1;", "owned.d owner_of.d"),
            ("UPDATE generated SET a = 5 WHERE a = 1;", "of_generated.g"),
            ("CREATE TABLE made AS SELECT id FROM ids; ALTER TABLE made ADD PRIMARY KEY (id); ALTER TABLE k ADD FOREIGN KEY (tid) REFERENCES made (id) ON UPDATE SET NULL; UPDATE made SET id = id + 100;", "k.tid"),
            ("CREATE TABLE made AS SELECT id, 'x' AS v FROM ids; ALTER TABLE made ADD PRIMARY KEY (id); ALTER TABLE k ADD FOREIGN KEY (tid) REFERENCES made (id) ON UPDATE SET NULL; UPDATE made SET v = 'y';", ""),
            ("ALTER TABLE q DROP CONSTRAINT q_d_fkey; UPDATE par SET d = 11 WHERE d = 1;", ""),
            ("ALTER TABLE q RENAME CONSTRAINT q_d_fkey TO k; ALTER TABLE q DROP CONSTRAINT k; UPDATE par SET d = 11 WHERE d = 1;", ""),
            ("ALTER TABLE q RENAME CONSTRAINT q_d_fkey TO k; ALTER TABLE q ADD CONSTRAINT q_d_fkey CHECK (d > 0); ALTER TABLE q DROP CONSTRAINT q_d_fkey; UPDATE par SET d = 11 WHERE d = 1;", "q.d"),
            ("ALTER TABLE other ADD CONSTRAINT a FOREIGN KEY (d) REFERENCES par ON UPDATE SET NULL; ALTER TABLE other RENAME CONSTRAINT a TO b; ALTER TABLE other DROP CONSTRAINT IF EXISTS a; UPDATE par SET d = 12 WHERE d = 2;", "other.d"),
            ("ALTER TABLE other ADD CONSTRAINT a FOREIGN KEY (d) REFERENCES par ON UPDATE SET NULL; ALTER TABLE other RENAME CONSTRAINT a TO b; ALTER TABLE other DROP CONSTRAINT b; UPDATE par SET d = 12 WHERE d = 2;", ""),
            ("ALTER TABLE other ADD CONSTRAINT a FOREIGN KEY (d) REFERENCES par ON UPDATE SET NULL; SAVEPOINT s; ALTER TABLE other DROP CONSTRAINT a; ROLLBACK TO s; UPDATE par SET d = d + 10;", "other.d q.d"),
            ("ALTER TABLE par DISABLE TRIGGER ALL; UPDATE par SET d = 11 WHERE d = 1;", ""),
            ("ALTER TABLE par DISABLE TRIGGER ALL; ALTER TABLE par ENABLE TRIGGER ALL; UPDATE par SET d = 11 WHERE d = 1;", "q.d"),
            ("ALTER TABLE par DISABLE TRIGGER USER; UPDATE par SET d = 11 WHERE d = 1;", "q.d"),
            ("SET session_replication_role = replica; UPDATE par SET d = 11 WHERE d = 1;", ""),
            ("UPDATE par SET d = d, o = 'n' WHERE d = 1;", ""),
            ("INSERT INTO par (d, o) VALUES (1, 'z') ON CONFLICT (d) DO UPDATE SET d = excluded.d, o = excluded.o;", ""),
            ("UPDATE pv SET o = 'n' WHERE d = 1;", ""),
            ("UPDATE par SET d = 13 WHERE d = 3;", ""),
        ];
        using var shop = await Shop.OpenAsync(pg,
            """
            CREATE TABLE par (d int PRIMARY KEY, o text); INSERT INTO par VALUES (1, 'a'), (2, 'b'), (3, 'c');
            CREATE TABLE q (id int, d int REFERENCES par ON UPDATE SET NULL); INSERT INTO q VALUES (1, 1);
            CREATE TABLE other (id int, d int); INSERT INTO other VALUES (1, 2);
            CREATE VIEW pv AS SELECT * FROM par;
            CREATE VIEW named AS SELECT d AS k FROM par;
            CREATE TABLE chain (d int UNIQUE); INSERT INTO chain VALUES (1);
            CREATE TABLE middle (d int UNIQUE REFERENCES chain (d) ON UPDATE CASCADE); INSERT INTO middle VALUES (1);
            CREATE TABLE last (d int REFERENCES middle (d) ON UPDATE SET NULL); INSERT INTO last VALUES (1);
            CREATE TABLE owner (d int PRIMARY KEY); INSERT INTO owner VALUES (1);
            CREATE TABLE owned (d int UNIQUE REFERENCES owner ON DELETE SET NULL); INSERT INTO owned VALUES (1);
            CREATE TABLE owner_of (d int REFERENCES owned (d) ON UPDATE CASCADE); INSERT INTO owner_of VALUES (1);
            CREATE TABLE generated (a int, g int GENERATED ALWAYS AS (a + 1) STORED UNIQUE); INSERT INTO generated VALUES (1), (2);
            CREATE TABLE of_generated (g int REFERENCES generated (g) ON UPDATE SET NULL); INSERT INTO of_generated VALUES (2);
            CREATE TABLE ids (id int); INSERT INTO ids VALUES (1), (2);
            CREATE TABLE k (tid int); INSERT INTO k VALUES (1), (2);
            """);
        await using var connection = await shop.Target.OpenAsync(CancellationToken.None);
        string[] columns = ["q.d", "other.d", "last.d", "middle.d", "owned.d", "owner_of.d", "of_generated.g", "k.tid"];
        async Task<HashSet<string>> HeldAsync() => [.. (await connection.ListAsync(string.Join(" UNION ALL ", columns.Select(c => $"SELECT '{c}' FROM {c.Split('.')[0]} HAVING count({c.Split('.')[1]}) > 0 UNION ALL SELECT '{c.Split('.')[0]}' FROM {c.Split('.')[0]} HAVING count(*) > 0")), r => r.GetString(0), CancellationToken.None))];
        var wrong = new List<string>();
        foreach (var (sql, lost) in scripts)
        {
            shop.With("1.sql", sql);
            var named = (await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None))
                .Where(f => f is { Severity: FindingSeverity.Destructive, Rule: "column-values" or "delete-rows", Object: not ("owner" or "par") }).Select(f => f.Object).Distinct().Order(StringComparer.Ordinal);
            HashSet<string> gone;
            await using (await connection.BeginTransactionAsync())
            {
                var before = await HeldAsync();
                await connection.ExecuteAsync(sql, CancellationToken.None);
                gone = [.. before.Except(await HeldAsync())];
            }

            // With all of its rows a table loses the values too.
            gone.RemoveWhere(g => g.Contains('.', StringComparison.Ordinal) && gone.Contains(g.Split('.')[0]));
            if (string.Join(' ', named) != lost || string.Join(' ', gone.Order(StringComparer.Ordinal)) != lost)
                wrong.Add($"{sql}\n  named {string.Join(' ', named)}; gone {string.Join(' ', gone)}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Self_referencing_rows_are_reported_and_rows_deleted_earlier_require_no_second_allowance()
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE); INSERT INTO tree SELECT i, nullif(i - 1, 0) FROM generate_series(1, 9) i;"))
            .With("1_delete.sql", "DELETE FROM products;\nDELETE FROM categories;\nDELETE FROM tree WHERE id = 3;");
        Assert.Contains("deletes rows of tree by ON DELETE CASCADE of foreign key tree_parent_fkey, with rows of tree: up to 9 rows would be lost", (await shop.FailsAsync(shop.Quick(), "DBS403")).Message, StringComparison.Ordinal);
        await shop.RunAsync(shop.Quick("delete-without-where:products", "delete-without-where:categories", "delete-rows:tree"));
        Assert.Equal(2, await shop.CountAsync("tree"));
    }

    [Theory]
    [InlineData("DROP TABLE nothing")]
    [InlineData("ALTER TABLE products DROP COLUMN note")]
    [InlineData("DROP TABLE IF EXISTS not_there")]
    [InlineData("TRUNCATE nothing")]
    public async Task Destructive_statement_without_data_to_lose_is_applied(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Theory]
    [InlineData("ALTER TABLE products ADD COLUMN sku text NOT NULL", "the table has 10 rows")]
    [InlineData("ALTER TABLE products ALTER COLUMN note SET NOT NULL", "10 rows are NULL")]
    public async Task Statement_that_would_fail_on_existing_data_is_rejected(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS412");
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statement_that_the_catalog_predicts_to_fail_can_be_allowed_and_PostgreSQL_reports_the_error()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", "ALTER TABLE products RENAME COLUMN note TO name");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS412");

        Assert.Contains("--allow 'always-fails:products.note'", refusal.Hint, StringComparison.Ordinal);
        await shop.FailsAsync(shop.Quick("always-fails:products.note"), "DBS406");
    }

    [Fact]
    public async Task Allowance_that_matches_no_pending_statement_is_an_error()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_drop.sql", "DROP TABLE products;");
        var mistake = await shop.FailsAsync(shop.Quick("drop-table:product"), "DBS407");
        Assert.Contains("drop-table:products", mistake.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drop-column:\"Order\".\"createdAt\"")]
    [InlineData("drop-column:Order.createdAt")]
    [InlineData("drop-column:public.Order.createdAt")]
    public async Task Allowance_accepts_quoted_and_unquoted_names(string allow)
    {
        const string Schema = "CREATE TABLE \"Order\" (id int, \"createdAt\" int, \"odd \"\"; --\" int); INSERT INTO \"Order\" VALUES (1, 2, 3)";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", "ALTER TABLE \"Order\" DROP COLUMN \"createdAt\";");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Contains("--allow 'drop-column:\"Order\".\"createdAt\"'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick(allow))).Outcome);
    }

    [Fact]
    public async Task Renaming_tables_and_columns_is_not_reported_as_data_loss()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE products RENAME TO goods; ALTER TABLE goods RENAME COLUMN name TO title; CREATE SCHEMA app; ALTER TABLE goods SET SCHEMA app;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request() with { SkipBackup = true })).Outcome);
        Assert.Equal(10, await shop.CountAsync("app.goods WHERE title IS NOT NULL"));
    }

    [Theory]
    [InlineData("ALTER TABLE products ALTER COLUMN id TYPE bigint", null)]
    [InlineData("ALTER TABLE products ALTER name TYPE varchar(3)", null)]
    [InlineData("ALTER TABLE products ALTER COLUMN name SET DATA TYPE varchar(2) USING left(name, 2)", "converts products.name to varchar(2): 1 value would not be preserved")]
    [InlineData("ALTER TABLE categories ALTER COLUMN name TYPE int USING substr(name, 2)::int", "converts categories.name to int: 1,204 values would not be preserved")]
    [InlineData("ALTER TABLE products ALTER COLUMN name TYPE int USING 0", "converts products.name to int: 10 values would not be preserved")]
    [InlineData("ALTER TABLE products ALTER COLUMN name TYPE timestamptz USING name::timestamptz", "10 values cannot be converted, for example 'p1' (id 1)", "DBS412")]
    public async Task Type_conversion_is_rejected_only_when_values_would_not_be_preserved(string sql, string? expected, string code = "DBS403")
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        if (expected is null)
            Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        else
            Assert.Contains(expected, (await shop.FailsAsync(shop.Quick(), code)).Message, StringComparison.Ordinal);
    }
}
