using DbSafety.Analysis;
using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Rows of tables that were there before are found where statements of the set make them go with new tables; and values that a trigger replaces.</summary>
public sealed class TableTiesTests
{
    private const string Roles = "CREATE TABLE roles (id int PRIMARY KEY); INSERT INTO roles VALUES (1), (2); ";

    [Theory]
    [InlineData("CREATE TABLE p (email text); CREATE TABLE q () INHERITS (p); ALTER TABLE users INHERIT q; UPDATE p SET email = 'x'", "update-without-where:users")]
    [InlineData("CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE q (id int) PARTITION BY RANGE (id); ALTER TABLE p ATTACH PARTITION q DEFAULT; ALTER TABLE q ATTACH PARTITION users DEFAULT; TRUNCATE p", "truncate:users")]
    [InlineData("CREATE TABLE p (id int) PARTITION BY RANGE (id); ALTER TABLE p ATTACH PARTITION users DEFAULT; ALTER TABLE p RENAME TO r; DROP TABLE r", "drop-table:users")]
    [InlineData("CREATE TABLE p (email text); DO $$ BEGIN ALTER TABLE users INHERIT p; END $$; DELETE FROM p WHERE email = 'x'", "delete-rows:users")]
    [InlineData("CREATE TABLE p (email text); ALTER TABLE users INHERIT p; ALTER TABLE users NO INHERIT p; CREATE TABLE r (email text); TRUNCATE r", "")]
    [InlineData("CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE q PARTITION OF p FOR VALUES IN (1); BEGIN; SELECT 1; ROLLBACK; BEGIN; DELETE FROM p WHERE id = 1; COMMIT", "delete-rows:p")]
    [InlineData("ALTER TABLE m INHERIT users; DELETE FROM users WHERE id = 1", "delete-rows:m delete-rows:users")]
    [InlineData("CREATE SCHEMA s; CREATE TABLE s.p (email text); CREATE TABLE q () INHERITS (s.p); ALTER TABLE users INHERIT q; DROP SCHEMA s CASCADE", "drop-schema:s")]
    [InlineData("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE orders ADD FOREIGN KEY (b) REFERENCES b; TRUNCATE a CASCADE", "truncate:orders")]
    [InlineData("CREATE TABLE a (id int PRIMARY KEY); DO $$ BEGIN ALTER TABLE orders ADD COLUMN a int REFERENCES a; END $$; TRUNCATE a CASCADE", "truncate:orders")]
    [InlineData(Roles + "ALTER TABLE users ADD COLUMN role int REFERENCES roles ON DELETE SET NULL; DELETE FROM roles WHERE id = 2", "")]
    [InlineData(Roles + "ALTER TABLE users ADD COLUMN role int REFERENCES roles ON DELETE SET NULL; UPDATE users SET role = 2; DELETE FROM roles WHERE id = 2", "delete-rows:roles")]
    [InlineData(Roles + "ALTER TABLE users ADD COLUMN role int DEFAULT 2 REFERENCES roles ON DELETE SET NULL; DELETE FROM roles WHERE id = 2", "delete-rows:roles")]
    public void Tables_whose_rows_go_with_others_are_named(string sql, string destructive) => Assert.Equal(
        destructive, string.Join(' ', MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: 15).Where(f => f.Severity == FindingSeverity.Destructive).Select(f => f.AllowAs).Distinct().Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("updated_at", "now()", true)]
    [InlineData("updatedAt", "timezone('utc'::text, now())", true)]
    [InlineData("timemodified", "(extract(epoch FROM now()) * 1000)::bigint", true)]
    [InlineData("status_changed_at", "current_timestamp", true)]
    [InlineData("version", "coalesce(old.version, 0) + 1", true)]
    [InlineData("slug", "coalesce(new.slug, lower(new.name))", true)]
    [InlineData("credited_at", "now()", false)]
    [InlineData("exchanged_at", "now()", false)]
    [InlineData("unchanged_since", "current_date", false)]
    [InlineData("edit_deadline", "now()", false)]
    [InlineData("updated_at", "timestamp '1970-01-01'", false)]
    [InlineData("n", "greatest(new.n - 1000, 0)", false)]
    [InlineData("n", "new.n - 5", false)]
    [InlineData("n", "new.n + new.id", false)]
    public void A_trigger_that_counts_on_or_records_the_time_of_a_change_keeps_the_row(string column, string value, bool isKept) => Assert.Equal(isKept, KeptValue.IsOfRow(SqlSplitter.Split(value)[0].Tokens, column));

    [Theory]
    [InlineData("NEW.search := to_tsvector('english', coalesce(NEW.name, ''));", "search=to_tsvector('english', coalesce(NEW.name, ''))")]
    [InlineData("IF NEW.slug IS NULL THEN NEW.slug := lower(NEW.name); END IF;", "")]
    [InlineData("IF NEW.slug IS NULL THEN NEW.slug := lower(NEW.name); NEW.name := 'x'; END IF;", "slug=lower(NEW.name) name='x'")]
    [InlineData("NEW.name := name;", null)]
    [InlineData("NEW.name := (SELECT max(email) FROM users);", null)]
    public void What_a_trigger_computes_from_the_row_alone_is_known(string body, string? assigned) => Assert.Equal(assigned,
        RoutineBody.Assigned($"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN {body} RETURN NEW; END $f$") is { } all ? string.Join(' ', all.Select(a => $"{a.Column}={a.Sql}")) : null);
}
