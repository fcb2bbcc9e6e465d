using DbSafety.Analysis.Findings;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Types;

/// <summary>What is said of a change of a column's type, beside the class that the matrix holds against servers.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class TypeChangeTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TYPE mood AS ENUM ('calm', 'sad');
        CREATE TYPE moods AS ENUM ('angry', 'calm', 'sad');
        CREATE TABLE owners (id int PRIMARY KEY, code varchar(10) UNIQUE);
        CREATE TABLE items (id int PRIMARY KEY, code text DEFAULT 'x', plain text, flag boolean DEFAULT false, n int DEFAULT 0, owner int CONSTRAINT owned REFERENCES owners, owner_code varchar(10) REFERENCES owners (code),
            counted int CONSTRAINT positive CHECK (counted > 0), place point, made timestamp DEFAULT now(), numbered int GENERATED ALWAYS AS IDENTITY, base int, twice int GENERATED ALWAYS AS (base * 2) STORED,
            seen int, ruled int, watched int, lowered text, amount numeric, state mood DEFAULT 'calm', parts text[], address text);
        CREATE INDEX items_place ON items USING gist (place);
        CREATE INDEX items_plain ON items (plain);
        CREATE INDEX items_lowered ON items (lower(lowered));
        CREATE VIEW seen_items AS SELECT seen FROM items;
        CREATE POLICY p ON items USING (ruled = 1);
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER watches BEFORE UPDATE ON items FOR EACH ROW WHEN (NEW.watched > 1) EXECUTE FUNCTION nothing();
        CREATE TABLE days (day date, note text) PARTITION BY RANGE (day);
        CREATE TABLE days_all PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
        """;

    private const string Rows =
        """
        INSERT INTO owners SELECT i, 'o' || i FROM generate_series(1, 3) i;
        INSERT INTO items (id, code, plain, owner, owner_code, counted, amount, place, state, parts, address) SELECT i, 'code ' || i, CASE i WHEN 2 THEN 'abc' WHEN 3 THEN NULL ELSE i::text END, i, 'o' || i, i, i + 0.25, point(i, i), 'sad', CASE i WHEN 1 THEN '{a,b}'::text[] WHEN 2 THEN '{c}' END, '10.0.0.' || i FROM generate_series(1, 3) i;
        """;

    private static readonly (string Sql, string Reason)[] Refused =
    [
        ("ALTER TABLE items ALTER plain TYPE int", "column plain cannot be cast automatically to type integer"),
        ("UPDATE items SET flag = true WHERE id = 1; ALTER TABLE items ALTER plain TYPE uuid", "column plain cannot be cast automatically to type uuid"),
        ("ALTER TABLE items ALTER plain TYPE mood", "column plain cannot be cast automatically to type mood"),
        ("ALTER TABLE items ALTER plain TYPE date USING length(plain)", "the result of USING clause for column plain cannot be cast automatically to type date"),
        ("ALTER TABLE items ALTER plain TYPE date USING plain::boolean::date", "cannot cast type boolean to date"),
        ("ALTER TABLE items ALTER code TYPE int USING length(code)", "default for column code cannot be cast automatically to type integer"),
        ("ALTER TABLE items ALTER state TYPE moods USING state::text::moods", "default for column state cannot be cast automatically to type moods"),
        ("ALTER TABLE items ALTER owner TYPE text", "foreign key constraint owned cannot be implemented: its columns are of incompatible types: text and integer"),
        ("ALTER TABLE owners ALTER id TYPE text", "foreign key constraint owned cannot be implemented: its columns are of incompatible types: integer and text"),
        ("ALTER TABLE items ALTER place TYPE text", "data type text has no default operator class for access method \"gist\", which index items_place needs"),
        ("ALTER TABLE items ALTER plain TYPE json USING plain::json", "data type json has no default operator class for access method \"btree\", which index items_plain needs"),
        ("ALTER TABLE items ALTER numbered TYPE numeric", "identity column type must be smallint, integer, or bigint"),
        ("ALTER TABLE items ALTER twice TYPE bigint USING 1", "cannot specify USING when altering type of generated column twice"),
        ("ALTER TABLE days ALTER day TYPE timestamp", "cannot alter column day because it is part of the partition key"),
        ("ALTER TABLE days_all ALTER note TYPE varchar(9)", "cannot alter inherited column note"),
    ];

    /// <summary>An earlier statement, or another action of the same one, clears the way.</summary>
    private static readonly string[] Taken =
    [
        "ALTER TABLE items ALTER code TYPE int USING length(code), ALTER code DROP DEFAULT",
        "ALTER TABLE items ALTER code DROP DEFAULT; ALTER TABLE items ALTER code TYPE int USING length(code); ALTER TABLE items ALTER code SET DEFAULT 0",
        "ALTER TABLE items ALTER code DROP DEFAULT; ALTER TABLE items RENAME code TO word; ALTER TABLE items ALTER word TYPE int USING length(word)",
        "ALTER TABLE items DROP CONSTRAINT owned, ALTER owner TYPE text",
        "ALTER TABLE items DROP CONSTRAINT owned; ALTER TABLE items ALTER owner TYPE text",
        "DROP INDEX items_place; ALTER TABLE items ALTER place TYPE text",
        "DROP VIEW seen_items; ALTER TABLE items ALTER seen TYPE bigint",
        "CREATE OR REPLACE VIEW seen_items AS SELECT 1 AS seen; ALTER TABLE items ALTER seen TYPE bigint",
        "ALTER TABLE items ALTER twice DROP EXPRESSION; ALTER TABLE items ALTER base TYPE bigint",
        "ALTER TABLE items ALTER n DROP DEFAULT, ALTER n TYPE text; ALTER TABLE items ALTER n TYPE jsonb USING to_jsonb(n)",
        "ALTER TABLE items ALTER made TYPE date",
        "ALTER TABLE items ALTER owner TYPE bigint",
        "ALTER TABLE items ALTER owner_code TYPE text",
        "ALTER TABLE items ALTER counted TYPE numeric",
        "DO $$ BEGIN ALTER TABLE items ALTER code DROP DEFAULT; ALTER TABLE items ALTER code TYPE int USING length(code); END $$",
    ];

    private static readonly (string Sql, string Rule, FindingSeverity Severity, string Text)[] Named =
    [
        ("ALTER TABLE items ALTER plain TYPE int USING plain::int", "risky-cast", FindingSeverity.MayFail, "1 value cannot be converted, for example 'abc' (id 2)"),
        ("ALTER TABLE items ALTER code TYPE varchar(5)", "risky-cast", FindingSeverity.MayFail, "3 values cannot be converted, for example 'code 1' (id 1), 'code 2' (id 2), 'code 3' (id 3)"),
        ("ALTER TABLE items ALTER code TYPE varchar(5)", "lossy-type-change", FindingSeverity.Info, "converts items.code to varchar(5): every value is preserved"),
        ("ALTER TABLE items ALTER code TYPE varchar(5) USING code::varchar(5)", "lossy-type-change", FindingSeverity.Destructive, "3 values would not be preserved, for example 'code 1' (id 1) becomes 'code '"),
        ("ALTER TABLE items ALTER amount TYPE int", "lossy-type-change", FindingSeverity.Destructive, "converts items.amount to int: 3 values would not be preserved, for example '1.25' (id 1) becomes '1'"),
        ("ALTER TABLE items ALTER amount TYPE numeric(12, 4)", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER state DROP DEFAULT, ALTER state TYPE moods USING state::text::moods", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE text[] USING ARRAY[code]", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE varchar[] USING CASE WHEN code IS NULL THEN '{}' ELSE string_to_array(code, ' ') END", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE text[] USING string_to_array(upper(code), ',')", "lossy-type-change", FindingSeverity.Destructive, "3 values would not be preserved, for example 'code 1' (id 1) becomes '{\"CODE 1\"}'"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE text[] USING ARRAY[left(code, 4)]", "lossy-type-change", FindingSeverity.Destructive, "3 values would not be preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE jsonb USING to_jsonb(code)", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE jsonb USING jsonb_build_object('en', code)", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE text[] USING ('{' || code || '}')::text[]", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER counted TYPE timestamptz USING to_timestamp(counted / 1000.0)", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER counted TYPE timestamptz USING to_timestamp(counted)", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER parts TYPE text USING array_to_string(parts, ',')", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER address TYPE inet USING address::inet", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER code DROP DEFAULT, ALTER code TYPE jsonb USING to_jsonb(string_to_array(code, ' '))", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER counted TYPE numeric(12, 2) USING counted / 100.0", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER amount TYPE int USING (amount * 100)::int", "lossy-type-change", FindingSeverity.Info, "every value is preserved"),
        ("ALTER TABLE items ALTER amount TYPE int USING amount * 10", "lossy-type-change", FindingSeverity.Destructive, "3 values would not be preserved"),
        ("ALTER TABLE items ALTER parts TYPE text USING parts[1]", "lossy-type-change", FindingSeverity.Destructive, "1 value would not be preserved, for example '{a,b}' (id 1) becomes 'a'"),
        ("ALTER TABLE items ALTER counted TYPE bigint", "alter-column-type", FindingSeverity.Blocking, "blocks reads and writes until the statement ends; changes the type of items.counted to bigint"),
        ("ALTER TABLE items ALTER plain TYPE varchar COLLATE \"C\"", "alter-column-type", FindingSeverity.Blocking, "ACCESS EXCLUSIVE on items: blocks reads and writes"),
        ("ALTER TABLE items ALTER lowered TYPE varchar", "alter-column-type", FindingSeverity.Blocking, "the table is not rewritten, but the statement rebuilds index items_lowered"),
        ("DO $$ BEGIN ALTER TABLE items ALTER owner_code TYPE text; END $$", "alter-column-type", FindingSeverity.Info, "the table is not rewritten"),
        ("ALTER TABLE items ALTER owner_code TYPE text", "alter-column-type", FindingSeverity.Info, "the table is not rewritten"),
        ("SET TIME ZONE 'UTC'; ALTER TABLE items ALTER made TYPE timestamptz", "alter-column-type", FindingSeverity.Blocking, "blocks reads and writes until the transaction ends; changes the type of items.made to timestamptz"),
    ];

    [Fact]
    public async Task A_type_change_that_PostgreSQL_refuses_for_an_empty_table_is_reported_with_its_reason()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        foreach (var (sql, reason) in Refused)
        {
            var findings = await FindAsync(shop.With("1.sql", sql));
            var refused = findings.SingleOrDefault(f => f.WouldFail);
            Assert.True(refused?.Severity == FindingSeverity.MayFail && refused.Message.Contains($": PostgreSQL refuses it, whatever the data: {reason}", StringComparison.Ordinal), $"{sql}: {refused?.Message}");
            Assert.Equal(FindingSeverity.Info, Assert.Single(findings, f => f.Rule == "lossy-type-change").Severity);
            await Assert.ThrowsAsync<PostgresException>(() => PgServer.ExecuteAsync(shop.Target, sql));
        }
    }

    [Fact]
    public async Task A_type_change_that_PostgreSQL_accepts_is_not_reported_as_refused()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        foreach (var sql in Taken)
        {
            var reported = (await FindAsync(shop.With("1.sql", sql))).FirstOrDefault(f => f.WouldFail || f.Message.Contains("PostgreSQL refuses", StringComparison.Ordinal));
            Assert.True(reported is null, $"{sql}: {reported?.Message}");
            await PgServer.ExecuteAsync(shop.Target, $"BEGIN; {sql}; ROLLBACK");
        }
    }

    [Fact]
    public async Task Type_change_findings_name_the_affected_values_and_the_work()
    {
        using var shop = await Shop.OpenAsync(pg, Schema + Rows);
        foreach (var (sql, rule, severity, text) in Named)
        {
            var finding = Assert.Single(await FindAsync(shop.With("1.sql", sql)), f => f.Rule == rule);
            Assert.True(finding.Severity == severity && finding.Message.Contains(text, StringComparison.Ordinal), $"{sql}: {finding.Severity} {finding.Message}");
        }
    }

    [Fact]
    public async Task A_refused_cast_succeeds_with_the_USING_clause_of_the_remedy()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "ALTER TABLE items ALTER plain TYPE uuid");
        var remedy = Assert.Single(await FindAsync(shop), f => f.WouldFail).RemedySql;
        Assert.Equal("ALTER TABLE items ALTER COLUMN plain TYPE uuid USING plain::uuid;", remedy);
        await PgServer.ExecuteAsync(shop.Target, remedy!);
    }

    [Fact]
    public async Task A_refused_type_change_does_not_start_the_migration()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "ALTER TABLE items ALTER plain TYPE int");
        await Assert.ThrowsAsync<DbSafetyException>(() => shop.RunAsync(shop.Quick()));
        Assert.Equal("text", await PgServer.ScalarAsync<string>(shop.Target, "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'items'::regclass AND attname = 'plain'"));
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
