using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Values that become NULL are counted, whatever statement names their column, and an allowance covers only what it names.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class NulledValueTests(PgServer pg)
{
    private const string Schema = Shop.Schema +
        """
        CREATE TABLE posts (id int PRIMARY KEY, title text, kind text, type text, comments int DEFAULT 0, at timestamptz DEFAULT now());
        INSERT INTO posts SELECT i, 't' || i, 'k' || i % 2, 'type ' || i FROM generate_series(1, 10) i;
        CREATE TABLE comments (id int PRIMARY KEY, post int);
        CREATE FUNCTION hidden(sql text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE sql; END $$;
        CREATE FUNCTION touches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
        CREATE TRIGGER touched BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touches();
        CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE posts SET comments = comments + 1 WHERE id = NEW.post; RETURN NULL; END $$;
        CREATE TRIGGER counted AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION counts();
        """;

    private const string Forgets =
        """
        CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := NULL; RETURN NEW; END $$;
        CREATE TRIGGER forgets BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION forgets();
        """;

    public static TheoryData<string, string, string> Losses => new()
    {
        { "UPDATE posts SET title = nullif(title || '', 't3') WHERE id < 6;", "", "1 of 10 values of posts.title would be lost" },
        { "UPDATE posts SET title = (SELECT c.name FROM categories c WHERE c.id = posts.id AND c.id > 3) WHERE id < 6;", "", "3 of 10 values of posts.title would be lost" },
        { "UPDATE posts SET title = 'x' || title WHERE id < 6;", Forgets, "5 of 10 values of posts.title would be lost" },
        { "ALTER TABLE posts ADD COLUMN slug text;\nUPDATE posts SET slug = lower(title) WHERE id < 6;", Forgets, "5 of 10 values of posts.title would be lost" },
        { "ALTER TABLE posts ADD COLUMN slug text;\nSELECT hidden('UPDATE posts SET title = NULL WHERE id > 8');", "", "2 of 10 values of posts.title would be lost" },
        { "ALTER TABLE posts ALTER kind TYPE varchar(20);\nSELECT hidden('UPDATE posts SET type = NULL WHERE id > 8');", "", "2 of 10 values of posts.type would be lost" },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Values_that_become_NULL_are_counted_when_a_statement_names_their_column(string sql, string more, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema + more)).With("1_x.sql", sql);
        Assert.Contains(expected, (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("posts WHERE title IS NOT NULL AND type IS NOT NULL"));

        var allow = $"column-values:{expected.Split(' ')[^4]}";
        var run = await shop.RunAsync(shop.Quick(allow));
        Assert.Contains($"{expected.Split(' ')[0]} value{(expected[0] == '1' ? "" : "s")} of {expected.Split(' ')[^4]}", run.Lost.Select(l => l.ToString()));
    }

    [Fact]
    public async Task Rehearsal_counts_values_that_become_NULL_and_allowed_losses_are_listed_and_pin_the_backup()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema + Forgets)).With("1_x.sql", "UPDATE posts SET type = 'x', kind = NULL WHERE id < 6;");
        Assert.Contains("5 of 10 values of posts.title would be lost", (await shop.FailsAsync(shop.Request("update-rows:posts") with { SkipBackup = true }, "DBS405")).Message, StringComparison.Ordinal);

        var run = await shop.RunAsync(shop.Request("update-rows:posts", "column-values:posts.title"));
        Assert.Equal(["5 values of posts.kind", "5 values of posts.title"], run.Lost.Select(l => l.ToString()).Order(StringComparer.Ordinal));
        Assert.NotNull(run.Backup!.PinnedUntil);
    }

    [Theory]
    [InlineData("DELETE FROM posts WHERE id > 6;\nUPDATE posts SET kind = nullif(kind || '', 'k1') WHERE id = 1;", "1 of 6 values of posts.kind would be lost")]
    [InlineData("INSERT INTO posts (id, kind) VALUES (11, 'x'), (12, 'x');\nUPDATE posts SET kind = nullif(kind || '', 'k1') WHERE id = 1;", "1 of 6 values of posts.kind would be lost")]
    [InlineData("INSERT INTO posts (id, kind) VALUES (11, 'x'), (12, 'x');\nSELECT hidden('UPDATE posts SET kind = NULL WHERE id < 4; DELETE FROM posts WHERE id > 8');", "3 of 6 values of posts.kind would be lost")]
    public async Task Deleted_rows_without_values_and_inserted_rows_with_values_do_not_hide_lost_values(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema + "UPDATE posts SET kind = NULL WHERE id > 6;")).With("1_x.sql", sql);
        Assert.Contains(expected, (await shop.FailsAsync(shop.Quick("delete-rows:posts"), "DBS409")).Message, StringComparison.Ordinal);
        Assert.Contains(expected, (await shop.FailsAsync(shop.Request("delete-rows:posts") with { SkipBackup = true }, "DBS405")).Message, StringComparison.Ordinal);
        Assert.Equal(6, await shop.CountAsync("posts WHERE kind IS NOT NULL"));
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick("delete-rows:posts", "column-values:posts.kind"))).Outcome);
    }

    [Theory]
    [InlineData("SAVEPOINT s;\nSELECT hidden('DELETE FROM posts WHERE id < 4');\nROLLBACK TO s;")]
    [InlineData("DO $$ BEGIN EXECUTE 'DELETE FROM posts'; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $$;")]
    [InlineData("SELECT hidden('INSERT INTO posts (id) VALUES (11), (12); DELETE FROM posts WHERE id > 10');")]
    public async Task Rows_whose_deletion_is_rolled_back_to_a_savepoint_are_not_lost(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.Equal(10, await shop.CountAsync("posts"));
    }

    [Fact]
    public async Task Allowed_UPDATE_to_NULL_is_listed_with_its_count_and_pins_the_backup()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "UPDATE posts SET title = NULL WHERE id < 4;");
        var run = await shop.RunAsync(shop.Request("update-rows:posts") with { SkipRehearsal = true });
        Assert.Equal("3 values of posts.title", Assert.Single(run.Lost).ToString());
        Assert.NotNull(run.Backup!.PinnedUntil);
    }

    [Theory]
    [InlineData("UPDATE posts SET title = upper(title) WHERE id < 6;")]
    [InlineData("ALTER TABLE posts ADD COLUMN slug text;\nUPDATE posts SET slug = lower(title);\nALTER TABLE posts ALTER slug SET NOT NULL;")]
    [InlineData("ALTER TABLE posts ADD COLUMN likes int;\nINSERT INTO comments VALUES (1, 1), (2, 1);")]
    [InlineData("ALTER TABLE posts RENAME title TO name;\nINSERT INTO comments VALUES (1, 1), (2, 1);")]
    [InlineData("ALTER TABLE posts ALTER id TYPE bigint;\nSELECT hidden('INSERT INTO comments VALUES (1, 1)');")]
    [InlineData("CREATE TABLE made AS SELECT * FROM posts;\nUPDATE made SET title = NULL;")]
    [InlineData("DELETE FROM nothing;\nUPDATE posts SET title = coalesce(nullif(title, ''), 'none') WHERE id < 6;\nINSERT INTO posts (id) VALUES (11);")]
    [InlineData("CREATE TABLE made (id int);\nCOMMIT;\nALTER TABLE posts ADD COLUMN slug text;\nUPDATE posts SET slug = title;")]
    [InlineData("SAVEPOINT s;\nUPDATE posts SET title = 'x' WHERE id = 1;\nROLLBACK TO s;\nUPDATE posts SET title = 'y' WHERE id = 1;")]
    public async Task Script_that_preserves_all_values_is_applied_without_a_rehearsal(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Theory]
    [InlineData("delete-rows:posts", "TRUNCATE posts", "posts would be emptied")]
    [InlineData("delete-rows:posts", "DROP TABLE posts", "table posts would be dropped")]
    [InlineData("delete-rows:posts", "ALTER TABLE posts ALTER title TYPE varchar(1) USING left(title, 1)", "posts.title would be converted")]
    [InlineData("delete-rows:posts", "ALTER TABLE posts DROP COLUMN title", "column posts.title would be dropped")]
    [InlineData("delete-rows:posts", "UPDATE posts SET title = NULL", "values of posts.title would be lost")]
    [InlineData("truncate:posts", "DROP TABLE posts", "table posts would be dropped")]
    [InlineData("column-values:posts.title", "ALTER TABLE posts DROP COLUMN title", "column posts.title would be dropped")]
    [InlineData("lossy-type-change:posts.title", "ALTER TABLE posts DROP COLUMN title", "column posts.title would be dropped")]
    [InlineData("column-values:posts.title", "ALTER TABLE posts ALTER title TYPE varchar(1) USING left(title, 1)", "posts.title would be converted")]
    public async Task Allowance_does_not_cover_a_loss_beyond_its_kind(string allow, string hidden, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", $"SELECT hidden($x${hidden}$x$);");
        Assert.Contains(expected, (await shop.FailsAsync(shop.Quick(allow), "DBS409")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rehearsal_distinguishes_a_hidden_TRUNCATE_from_an_allowed_DELETE()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DELETE FROM posts WHERE id = 1;\nSELECT hidden('TRUNCATE posts');\nSELECT hidden('ALTER TABLE products ALTER note TYPE varchar(9)');");
        Assert.Contains("posts would be emptied", (await shop.FailsAsync(shop.Request("delete-rows:posts") with { SkipBackup = true }, "DBS405")).Message, StringComparison.Ordinal);
        shop.With("1_x.sql", "DELETE FROM posts WHERE true;\nALTER TABLE posts ALTER id TYPE bigint;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request("delete-without-where:posts") with { SkipBackup = true })).Outcome);
    }

    [Theory]
    [InlineData("ALTER TABLE posts ALTER title TYPE text USING NULL", "10 of 10 values of posts.title would be lost")]
    [InlineData("BEGIN DELETE FROM posts; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END; UPDATE posts SET title = NULL", "10 of 10 values of posts.title would be lost")]
    [InlineData("INSERT INTO posts (id) VALUES (11); BEGIN INSERT INTO posts (id) VALUES (12); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END; TRUNCATE posts; INSERT INTO posts (id) SELECT generate_series(1, 11)", "posts would be emptied")]
    [InlineData("ALTER TABLE posts ALTER type TYPE int USING 0; ALTER TABLE posts ALTER kind TYPE varchar(9)", "posts.type would be converted")]
    public async Task Table_rewrite_or_rolled_back_savepoint_does_not_hide_lost_values(string hidden, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", $"ALTER TABLE posts ALTER comments TYPE bigint;\nDO $do$ BEGIN {(hidden.StartsWith("ALTER", StringComparison.Ordinal) ? $"PERFORM hidden($x${hidden}$x$)" : $"PERFORM hidden($x$DO $y$ BEGIN {hidden}; END $y$$x$)")}; END $do$;");
        Assert.Contains(expected, (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);
    }
}
