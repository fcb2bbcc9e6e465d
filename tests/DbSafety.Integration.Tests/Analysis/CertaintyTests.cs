using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What is said to fail fails on a server, and what is said to be harmless succeeds.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class CertaintyTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE users (id int PRIMARY KEY, age int, name text);
        INSERT INTO users SELECT i, i, 'u' || i FROM generate_series(1, 10) i;
        CREATE TABLE shops (id int PRIMARY KEY);
        INSERT INTO shops VALUES (1);
        CREATE TABLE orders (id int, user_id int, shop_id int, email text);
        INSERT INTO orders SELECT i, i, 1, CASE WHEN i > 5 THEN 'x' END FROM generate_series(1, 10) i;
        CREATE TABLE empty (id int);
        CREATE TABLE one (id int);
        INSERT INTO one VALUES (1);
        CREATE TABLE events (at int NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE inside AS SELECT 1 AS at;
        CREATE TABLE outside AS SELECT i AS at FROM generate_series(1, 2) i;
        CREATE TABLE visits (at int NOT NULL) PARTITION BY LIST (at);
        CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
        INSERT INTO visits VALUES (2);
        ALTER TABLE inside ALTER at SET NOT NULL;
        ALTER TABLE outside ALTER at SET NOT NULL;
        CREATE TABLE items AS SELECT * FROM orders;
        ALTER TABLE items ADD CONSTRAINT good CHECK (id > 0) NOT VALID;
        ALTER TABLE items ADD CONSTRAINT bad CHECK (id > 5) NOT VALID;
        ALTER TABLE items ADD CONSTRAINT points FOREIGN KEY (user_id) REFERENCES users NOT VALID;
        ALTER TABLE items ADD CONSTRAINT strays FOREIGN KEY (id) REFERENCES shops NOT VALID;
        CREATE TABLE owners (id int PRIMARY KEY);
        INSERT INTO owners VALUES (1), (2);
        CREATE TABLE pets (owner int REFERENCES owners ON DELETE CASCADE, tag text);
        INSERT INTO pets VALUES (1, 'x'), (2, 'x');
        CREATE TABLE codes (id int PRIMARY KEY, code text);
        INSERT INTO codes VALUES (1, '1'), (2, '2');
        CREATE TABLE calls (id int);
        CREATE FUNCTION tidies() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM pets WHERE owner = 2; RETURN NEW; END';
        CREATE TRIGGER t AFTER INSERT ON calls FOR EACH ROW EXECUTE FUNCTION tidies();
        """;

    /// <summary>True: it succeeds, and nothing of it is MayFail. False: it fails, and one finding says that it would.</summary>
    private static readonly (string Sql, bool Succeeds)[] Scripts =
    [
        ("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD UNIQUE (a);", true),
        ("ALTER TABLE orders ADD COLUMN a int UNIQUE, ADD UNIQUE (a, shop_id);", true),
        ("ALTER TABLE orders ADD COLUMN a int; CREATE UNIQUE INDEX ON orders (a);", true),
        ("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES shops, ADD FOREIGN KEY (a) REFERENCES users MATCH FULL;", true),
        ("ALTER TABLE orders ADD COLUMN a int REFERENCES shops;", true),
        ("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD CHECK (a > 0 AND a < 5), ADD CHECK (a IS NULL OR id < 0), ADD CHECK (a IN (1, 2) OR id < 0), ADD CHECK (a + 1 BETWEEN 1 AND 2);", true),
        ("ALTER TABLE orders ADD COLUMN a text CHECK (length(a) > 3 AND a NOT LIKE 'x%' AND a ~ 'y');", true),
        ("ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1; ALTER TABLE orders ALTER a SET NOT NULL;", true),
        ("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE; UPDATE orders SET email = '' WHERE email IS NULL; ALTER TABLE orders ALTER email SET NOT NULL;", true),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT 0; ALTER TABLE orders ALTER a SET NOT NULL;", true),
        ("ALTER TABLE empty ADD COLUMN a int; ALTER TABLE empty ALTER a SET NOT NULL;", true),
        ("ALTER TABLE one ADD COLUMN a int DEFAULT 0 UNIQUE;", true),
        ("ALTER TABLE items VALIDATE CONSTRAINT good; ALTER TABLE items VALIDATE CONSTRAINT points;", true),
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (shop_id = 1) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;", true),
        ("ALTER TABLE events ATTACH PARTITION inside FOR VALUES FROM (1) TO (2);", true),
        ("ALTER TABLE visits ATTACH PARTITION inside FOR VALUES IN (1);", true),
        ("ALTER TABLE empty ADD COLUMN a int, ALTER a SET DEFAULT 1, ALTER a SET NOT NULL;", true),
        ("ALTER TABLE orders ALTER a SET NOT NULL, ADD COLUMN a int DEFAULT 1;", true),
        ("DELETE FROM orders WHERE id = 2; ALTER TABLE orders ALTER user_id SET NOT NULL;", true),
        ("INSERT INTO shops VALUES (2); ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops;", true),
        ("DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); END $$; ALTER TABLE users ALTER age SET NOT NULL;", true),
        ("ALTER TABLE orders ADD COLUMN a int, ALTER a SET DEFAULT 1, ALTER a SET NOT NULL;", false),
        ("UPDATE users SET age = 0 WHERE id = 1; ALTER TABLE pets ADD UNIQUE (tag);", false),
        ("INSERT INTO empty VALUES (1); ALTER TABLE visits ATTACH PARTITION inside FOR VALUES IN (1, 2);", false),
        ("ALTER TABLE events ATTACH PARTITION outside FOR VALUES FROM (1) TO (2);", false),
        ("ALTER TABLE visits ATTACH PARTITION outside FOR VALUES IN (1, 2);", false),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT 0 UNIQUE;", false),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT 0 PRIMARY KEY;", false),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT 0; ALTER TABLE orders ADD UNIQUE (a);", false),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT 0; CREATE UNIQUE INDEX ON orders (a);", false),
        ("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ALTER a SET NOT NULL;", false),
        ("ALTER TABLE orders ADD CHECK (EXISTS (SELECT 1 FROM users));", false),
        ("CREATE TABLE made (a int CHECK (a < (SELECT max(id) FROM users)));", false),
        ("ALTER TABLE orders ADD COLUMN a int DEFAULT (SELECT max(id) FROM users);", false),
        ("ALTER TABLE items VALIDATE CONSTRAINT bad;", false),
        ("ALTER TABLE items VALIDATE CONSTRAINT strays;", false),
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (shop_id = 2) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;", false),
        ("ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES shops NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;", false),
    ];

    [Fact]
    public async Task Certain_failures_are_reported_and_scripts_that_succeed_have_no_MayFail_findings()
    {
        var target = await pg.CreateDatabaseAsync("certain", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var wrong = new List<string>();
        foreach (var (sql, succeeds) in Scripts)
        {
            var findings = new List<MigrationFinding>();
            await using (var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None))
            {
                foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
                    findings.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
            }

            var error = await ErrorAsync(connection, sql);
            var reported = findings.Where(f => f.Severity == FindingSeverity.MayFail).ToList();
            if (error is null != succeeds || (succeeds ? reported.Count > 0 : !reported.Exists(f => f.WouldFail)))
                wrong.Add($"{sql}\n  {error ?? "succeeds"}\n  {string.Join("\n  ", reported.Select(f => $"{f.Rule} {f.WouldFail}: {f.Message}"))}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (50, NULL, 1, NULL); ALTER TABLE orders ALTER user_id SET NOT NULL;", false)]
    [InlineData("UPDATE users SET age = nullif(age, 3); ALTER TABLE users ALTER age SET NOT NULL;", false)]
    [InlineData("DO $$ BEGIN UPDATE users SET age = NULL WHERE id = 1; END $$; ALTER TABLE users ALTER age SET NOT NULL;", false)]
    [InlineData("UPDATE users SET age = 7 WHERE id < 3; ALTER TABLE users ADD UNIQUE (age);", false)]
    [InlineData("DELETE FROM codes WHERE id = 2; ALTER TABLE pets ADD FOREIGN KEY (owner) REFERENCES codes;", false)]
    [InlineData("UPDATE codes SET code = 'abc' WHERE id = 1; ALTER TABLE codes ALTER code TYPE int USING code::int;", false)]
    [InlineData("INSERT INTO empty VALUES (1); ALTER TABLE empty ADD COLUMN a int NOT NULL;", false)]
    [InlineData("UPDATE orders SET email = '' WHERE email IS NULL; ALTER TABLE orders ALTER email SET NOT NULL;", true)]
    [InlineData("UPDATE users SET name = id::text; ALTER TABLE users ALTER name TYPE int USING name::int;", true)]
    [InlineData("UPDATE users SET name = left(name, 1); ALTER TABLE users ALTER name TYPE varchar(1);", true)]
    [InlineData("UPDATE users SET age = age + 10 WHERE age < 3; ALTER TABLE users ADD CHECK (age > 2);", true)]
    [InlineData("DELETE FROM pets WHERE owner = 2; CREATE UNIQUE INDEX ON pets (tag);", true)]
    public async Task A_count_that_earlier_statements_can_change_is_an_estimate(string sql, bool succeeds)
    {
        var target = await pg.CreateDatabaseAsync("estimates", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var findings = new List<MigrationFinding>();
        await using (var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None))
        {
            foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
                findings.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
        }

        Assert.Contains(findings, f => f is { Severity: FindingSeverity.MayFail, WouldFail: false } && f.Message.EndsWith("(an estimate: statements that run before it can change these rows)", StringComparison.Ordinal));
        Assert.Equal(succeeds, await ErrorAsync(connection, sql) is null);
    }

    /// <summary>Each of them succeeds, though the rows that are there now would make its last statement fail.</summary>
    [Fact]
    public async Task A_failure_is_not_certain_if_earlier_statements_can_prevent_it()
    {
        string[] scripts =
        [
            "DELETE FROM visits_rest; ALTER TABLE visits ATTACH PARTITION inside FOR VALUES IN (1, 2);",
            "ALTER TABLE visits DETACH PARTITION visits_rest; ALTER TABLE visits ATTACH PARTITION inside FOR VALUES IN (1, 2);",
            "INSERT INTO shops SELECT id FROM orders WHERE id > 1; ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES shops;",
            "INSERT INTO shops SELECT id FROM orders WHERE id > 1; ALTER TABLE items VALIDATE CONSTRAINT strays;",
            "DELETE FROM owners WHERE id = 2; ALTER TABLE pets ADD UNIQUE (tag);",
            "INSERT INTO calls VALUES (1); ALTER TABLE pets ADD UNIQUE (tag);",
            "CREATE FUNCTION tidy() RETURNS void LANGUAGE sql AS 'DELETE FROM pets WHERE owner = 2'; SELECT tidy(); ALTER TABLE pets ADD UNIQUE (tag);",
        ];
        var target = await pg.CreateDatabaseAsync("certain", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var sql in scripts)
        {
            var findings = new List<MigrationFinding>();
            await using (var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None))
            {
                foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
                    findings.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
            }

            Assert.Null(await ErrorAsync(connection, sql));
            Assert.DoesNotContain(findings, f => f.WouldFail);
            Assert.Contains(findings, f => f.Severity == FindingSeverity.MayFail);
        }
    }

    /// <summary>PostgreSQL says so at DEBUG1; here it is shown by the reads of the table that its statistics count.</summary>
    [Theory]
    [InlineData("CHECK (at >= 1 AND at < 2)", "NOT NULL", true)]
    [InlineData("CHECK (at = 1 AND at IS NOT NULL)", "", true)]
    [InlineData("CHECK (at >= 1 AND at < 3)", "NOT NULL", false)]
    [InlineData("CHECK (at >= 1 AND at < 2)", "", false)]
    [InlineData("CHECK (at >= 1 AND at < 2) NOT VALID", "NOT NULL", false)]
    public async Task A_validated_check_constraint_that_implies_the_partition_bounds_avoids_the_scan(string check, string nullability, bool isSpared)
    {
        var target = await pg.CreateDatabaseAsync(
            "bounds", $"CREATE TABLE events (at int) PARTITION BY RANGE (at); CREATE TABLE events_1 (at int {nullability}); INSERT INTO events_1 VALUES (1); ALTER TABLE events_1 ADD {check}");
        const string Sql = "ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (1) TO (2)";
        await using var connection = await target.OpenAsync(CancellationToken.None);
        MigrationFinding finding;
        await using (var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None))
            finding = (await facts.JudgeAllAsync(MigrationAnalyser.Analyse([new SqlScript("1.sql", Sql)]).Single(f => f.Rule == "attach-partition-blocking"), CancellationToken.None)).Single();

        await using var transaction = await connection.BeginTransactionAsync();
        const string Reads = "SELECT coalesce(pg_stat_get_xact_numscans('events_1'::regclass), 0)";
        var before = await connection.ScalarAsync<long>(Reads, CancellationToken.None);
        await connection.ExecuteAsync(Sql, CancellationToken.None);
        Assert.Equal(isSpared, await connection.ScalarAsync<long>(Reads, CancellationToken.None) == before);
        Assert.Equal(isSpared, finding.Severity == FindingSeverity.Info);
    }

    private static async Task<string?> ErrorAsync(NpgsqlConnection connection, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.ExecuteAsync(sql, CancellationToken.None);
            return null;
        }
        catch (PostgresException e)
        {
            return e.MessageText;
        }
    }
}
