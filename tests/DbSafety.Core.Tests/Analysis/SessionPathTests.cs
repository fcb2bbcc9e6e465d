using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Which table a name without a schema means, after the set has changed the schemas of the path or the role.</summary>
public sealed class SessionPathTests
{
    [Theory]
    [InlineData("CREATE SCHEMA app; CREATE TABLE users (id int); UPDATE public.users SET id = 1", "update-without-where:users")]
    [InlineData("CREATE SCHEMA app; CREATE TABLE users (id int); UPDATE users SET id = 1", "")]
    [InlineData("CREATE SCHEMA other; CREATE TABLE users (id int); UPDATE public.users SET id = 1", "")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS AUTHORIZATION postgres; CREATE TABLE users (id int); UPDATE public.users SET id = 1", "update-without-where:users")]
    [InlineData("CREATE SCHEMA app; CREATE TABLE users (id int); ALTER TABLE app.users RENAME TO u; UPDATE users SET id = 1", "update-without-where:app.users")]
    [InlineData("CREATE SCHEMA app; CREATE TABLE users (id int); DROP SCHEMA app CASCADE; UPDATE users SET id = 1", "drop-schema:app update-without-where:users")]
    [InlineData("DO $$ BEGIN CREATE SCHEMA app; END $$; CREATE TABLE users (id int); UPDATE public.users SET id = 1", "update-without-where:users")]
    [InlineData("DO $$ BEGIN CREATE SCHEMA app; END $$; ALTER TABLE users ADD COLUMN n int; UPDATE public.users SET n = 1", "update-without-where:users")]
    [InlineData("DO $$ BEGIN CREATE SCHEMA IF NOT EXISTS public; END $$; CREATE TABLE users (id int); UPDATE users SET id = 1", "")]
    [InlineData("SET ROLE alice; CREATE TABLE users (id int); RESET ROLE; UPDATE users SET id = 1", "update-without-where:users")]
    [InlineData("BEGIN; SET LOCAL ROLE alice; CREATE TABLE users (id int); COMMIT; UPDATE users SET id = 1", "update-without-where:users")]
    [InlineData("SET SESSION AUTHORIZATION alice; DELETE FROM logs", "delete-without-where:alice.logs")]
    [InlineData("SET ROLE bob; CREATE TABLE users (id int); RESET ROLE; UPDATE users SET id = 1", "")]
    [InlineData("SET search_path = nosuch, alice, public; DELETE FROM logs", "delete-without-where:alice.logs")]
    public void A_name_means_the_table_that_PostgreSQL_finds(string sql, string destructive)
    {
        var analyser = new MigrationAnalyser(serverMajor: 15) { Session = new SessionPath(["$user", "app", "public"], "postgres", ["public", "alice", "pg_catalog"]) };
        Assert.Equal(destructive, string.Join(' ', analyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Severity == FindingSeverity.Destructive).Select(f => f.AllowAs).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_schema_that_one_script_creates_is_searched_by_the_next()
    {
        var analyser = new MigrationAnalyser(serverMajor: 15) { Session = new SessionPath(["app", "public"], "postgres", ["public"]) };
        var findings = analyser.Analyse([new SqlScript("1.sql", "CREATE SCHEMA app"), new SqlScript("2.sql", "CREATE TABLE users (id int); UPDATE public.users SET id = 1")]);
        Assert.Contains(findings, f => f.Severity == FindingSeverity.Destructive);
    }
}
