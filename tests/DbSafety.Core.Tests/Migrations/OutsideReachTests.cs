using DbSafety.Analysis.Scripts;
using DbSafety.Migrations.Applying;

namespace DbSafety.Core.Tests.Migrations;

public sealed class OutsideReachTests
{
    [Theory]
    [InlineData("SELECT * FROM dblink('host=prod', 'SELECT 1') AS t(x int)")]
    [InlineData("SELECT public.dblink_exec('prod', 'DELETE FROM t')")]
    [InlineData("SELECT \"dblink_connect\"('prod')")]
    [InlineData("DO $$ BEGIN EXECUTE 'SELECT dblink_exec(''prod'', ''x'')'; END $$")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT dblink_exec(''prod'', ''x'')'")]
    [InlineData("CREATE SERVER IF NOT EXISTS prod FOREIGN DATA WRAPPER postgres_fdw")]
    [InlineData("ALTER SERVER prod OPTIONS (SET host 'x')")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'host=prod' PUBLICATION p")]
    [InlineData("COPY t FROM PROGRAM 'curl x'")]
    [InlineData("COPY (SELECT 1)\n  TO  PROGRAM 'curl x'")]
    [InlineData("COPY t TO PROGRAM $$curl x$$")]
    [InlineData("DO $$ BEGIN EXECUTE 'COPY t TO PROGRAM ' || quote_literal('curl x'); END $$")]
    [InlineData("DO $$ BEGIN EXECUTE format('COPY t FROM PROGRAM %L', 'curl x'); END $$")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'return 1'")]
    [InlineData("DO LANGUAGE 'plperlu' 'system(1)'")]
    [InlineData("CREATE FUNCTION f() RETURNS int AS 'lib', 'f' LANGUAGE C")]
    [InlineData("SELECT cron.schedule('x', '* * * * *', 'DELETE FROM t')")]
    [InlineData("SELECT net.http_post('https://example.org')")]
    [InlineData("ALTER SYSTEM SET archive_command = 'x'")]
    [InlineData("LOAD 'lib'")]
    [InlineData("SELECT http_get('https://example.org')")]
    [InlineData("CREATE FOREIGN TABLE f (line text) SERVER files OPTIONS (program 'curl x')")]
    [InlineData("DO $$ BEGIN EXECUTE 'CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS ''return 1'''; END $$")]
    public void A_statement_that_reaches_outside_the_database_is_detected(string sql) => Assert.NotNull(OutsideReach.ByWords.Of(Assert.Single(SqlSplitter.Split(sql))));

    [Theory]
    [InlineData("INSERT INTO notes VALUES ('call dblink, or COPY t FROM PROGRAM')")]
    [InlineData("CREATE TABLE t (server text, program text, language text)")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('DROP TABLE %I', 't'); END $$")]
    [InlineData("CREATE ROLE r")]
    [InlineData("/* dblink */ SELECT 1")]
    [InlineData("SELECT id FROM program WHERE id = 1")]
    [InlineData("INSERT INTO copy SELECT * FROM program")]
    public void A_statement_that_stays_within_the_database_or_its_server_is_not_reported(string sql) => Assert.Null(OutsideReach.ByWords.Of(Assert.Single(SqlSplitter.Split(sql))));

    [Theory]
    [InlineData("x -- COPY t TO 'y'\nz", "x  \nz")]
    [InlineData("x /* COPY t TO 'y' */ z", "x   z")]
    [InlineData("'--' || \"/*\" || x", "'--' || \"/*\" || x")]
    [InlineData("$a$ it's -- no comment $a$", "$a$ it's -- no comment $a$")]
    [InlineData("E'\\' -- no comment'", "E'\\' -- no comment'")]
    public void A_comment_is_removed_only_where_it_is_certainly_a_comment(string source, string expected) => Assert.Equal(expected, OutsideWords.WithoutComments(source));
}
