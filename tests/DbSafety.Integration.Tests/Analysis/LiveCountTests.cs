using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using DbSafety.Migrations.Live;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What the rows of a real database make of findings.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class LiveCountTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TYPE mood AS ENUM ('sad', 'calm', 'happy');
        CREATE TABLE users (id int PRIMARY KEY, email text, age int, code text, name varchar(20), amount numeric(10, 2), mood mood);
        INSERT INTO users SELECT i, 'u' || i % 7 || '@example.org', i, CASE WHEN i % 3 = 0 THEN 'x' ELSE i::text END, 'n' || i, i + 0.5, (enum_range(NULL::mood))[1 + i % 2] FROM generate_series(1, 9) i;
        CREATE TABLE orders (id int PRIMARY KEY, user_id int);
        INSERT INTO orders SELECT i, i FROM generate_series(5, 12) i;
        CREATE TABLE codes (a int, b int);
        INSERT INTO codes VALUES (1, 1), (1, 1), (2, NULL);
        """;

    [Theory]
    [InlineData("ALTER TABLE users ADD CONSTRAINT k UNIQUE (email)", "add-unique", "duplicates", 4L)]
    [InlineData("ALTER TABLE codes ADD PRIMARY KEY (a, b)", "add-unique", "violations", 3L)]
    [InlineData("CREATE UNIQUE INDEX k ON users (lower(email)) WHERE id > 1", "add-unique", "duplicates", 2L)]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users", "add-foreign-key", "orphans", 3L)]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id)", "add-foreign-key", "orphans", 3L)]
    [InlineData("ALTER TABLE users ADD CHECK (age > 2)", "add-check", "violations", 2L)]
    [InlineData("ALTER TABLE users ALTER code TYPE int USING code::int", "risky-cast", "unconvertible", 3L)]
    public async Task Conflicting_rows_are_counted_and_prove_that_the_statement_would_fail(string sql, string rule, string fact, long count)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == rule);

        Assert.Equal((FindingSeverity.MayFail, true), (finding.Severity, finding.WouldFail));
        Assert.Equal(count, finding.LiveFacts[fact]);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PgServer.ExecuteAsync(shop.Target, sql));
    }

    [Fact]
    public async Task A_count_that_takes_too_long_is_cancelled_and_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "DELETE FROM users USING generate_series(1, 1000000000) g WHERE users.id = g AND g % 7 = 8; DELETE FROM users WHERE id = 3");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var found = (await FindAsync(shop)).Where(f => f.Rule == "delete-rows").ToList();

        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(2.5));
        Assert.Equal(FindingSeverity.Destructive, found[0].Severity);
        Assert.EndsWith("(how many could not be counted within 3 s)", found[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, found[1].LiveFacts["rows"]);
    }

    [Theory]
    [InlineData("ALTER TABLE users ADD CONSTRAINT k UNIQUE (id, email)", "add-unique")]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_pkey; ALTER TABLE orders ADD PRIMARY KEY (user_id)", "add-unique")]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES orders", "add-foreign-key")]
    [InlineData("ALTER TABLE users ADD CHECK (age > 0)", "add-check")]
    [InlineData("ALTER TABLE users ALTER age TYPE smallint", "risky-cast")]
    [InlineData("ALTER TABLE users ALTER name TYPE text", "alter-column-type")]
    [InlineData("ALTER TABLE users ALTER name TYPE varchar(30)", "alter-column-type")]
    [InlineData("ALTER TABLE users ALTER amount TYPE numeric(12, 2)", "alter-column-type")]
    [InlineData("ALTER TYPE mood RENAME TO old; CREATE TYPE mood AS ENUM ('sad', 'calm')", "enum-value-removal")]
    public async Task A_statement_without_conflicting_rows_is_harmless_and_succeeds(string sql, string rule)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == rule);

        Assert.Equal((FindingSeverity.Info, false), (finding.Severity, finding.WouldFail));
        await PgServer.ExecuteAsync(shop.Target, sql);
    }

    [Theory]
    [InlineData("ALTER TABLE users ALTER name TYPE varchar(10)")]
    [InlineData("ALTER TABLE users ALTER age TYPE bigint")]
    [InlineData("ALTER TABLE users ALTER amount TYPE numeric(12, 3)")]
    public async Task A_type_change_that_rewrites_the_rows_is_blocking(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        Assert.Equal(FindingSeverity.Blocking, Assert.Single(await FindAsync(shop), f => f.Rule == "alter-column-type").Severity);

        var before = await PgServer.ScalarAsync<uint>(shop.Target, "SELECT relfilenode FROM pg_class WHERE oid = 'users'::regclass");
        await PgServer.ExecuteAsync(shop.Target, sql);
        // A shorter limit is checked without writing the rows anew, but under the same lock.
        if (!sql.Contains("varchar", StringComparison.Ordinal))
            Assert.NotEqual(before, await PgServer.ScalarAsync<uint>(shop.Target, "SELECT relfilenode FROM pg_class WHERE oid = 'users'::regclass"));
    }

    [Fact]
    public async Task Rows_with_a_removed_enum_value_are_counted_and_the_value_is_named()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "ALTER TYPE mood RENAME TO old; CREATE TYPE mood AS ENUM ('happy', 'calm');");
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == "enum-value-removal");

        Assert.Equal(FindingSeverity.Destructive, finding.Severity);
        Assert.Equal(4, finding.LiveFacts["rows"]);
        Assert.Contains("(sad)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowing_the_drop_also_allows_the_same_loss_under_another_rule()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "ALTER TABLE users DROP COLUMN age, ADD COLUMN age bigint;");
        Assert.Equal(["drop-column", "drop-and-recreate"], (await FindAsync(shop)).Where(f => f.Severity == FindingSeverity.Destructive).Select(f => f.Rule));

        await shop.RunAsync(shop.Quick("drop-column:users.age"));
        Assert.Equal("1.sql:Applied", await shop.StatesAsync());
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
