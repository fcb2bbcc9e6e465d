using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Migrations.Applying.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What a script sets holds as long as PostgreSQL keeps it, through transactions and savepoints.</summary>
public sealed class ScriptSettingsTests
{
    private const string Off = "standard_conforming_strings = off;";

    private const string Hides = @" SELECT '\'; DROP TABLE items; --';";

    [Theory]
    [InlineData("BEGIN; SET " + Off + " ROLLBACK;" + Hides)]
    [InlineData("BEGIN; SET LOCAL " + Off + " COMMIT;" + Hides)]
    [InlineData("BEGIN; SET LOCAL " + Off + " END TRANSACTION AND CHAIN;" + Hides)]
    [InlineData("BEGIN; SAVEPOINT a; SET " + Off + " ROLLBACK TO SAVEPOINT a;" + Hides + " COMMIT;")]
    [InlineData("BEGIN; SAVEPOINT a; SET " + Off + " RELEASE a; ROLLBACK AND CHAIN;" + Hides + " COMMIT;")]
    [InlineData("BEGIN; SAVEPOINT a; SAVEPOINT b; SET LOCAL " + Off + " RELEASE SAVEPOINT b; ROLLBACK WORK TO a;" + Hides + " COMMIT;")]
    [InlineData("SET " + Off + " RESET ALL;" + Hides)]
    [InlineData("SET " + Off + " DISCARD ALL;" + Hides)]
    [InlineData("SET " + Off + " SET standard_conforming_strings TO DEFAULT;" + Hides)]
    [InlineData("SELECT set_config('standard_conforming_strings', 'of', false), set_config('standard_conforming_strings', 'on', false);" + Hides)]
    [InlineData("BEGIN; SELECT pg_catalog.set_config('standard_conforming_strings', 'off', true); COMMIT;" + Hides)]
    public void A_rolled_back_or_reset_standard_conforming_strings_setting_hides_no_statement(string sql) =>
        Assert.Contains(Analyse(sql), f => f is { Rule: "drop-table", Object: "items" });

    [Theory]
    [InlineData("BEGIN; SET LOCAL standard_conforming_strings = off; SET standard_conforming_strings FROM CURRENT; COMMIT;")]
    [InlineData("BEGIN; SET " + Off + " SAVEPOINT a; SET standard_conforming_strings = on; ROLLBACK TO a; COMMIT;")]
    [InlineData("SET " + Off + " BEGIN; SET standard_conforming_strings = on; ROLLBACK;")]
    [InlineData("SET SESSION standard_conforming_strings TO 'f'; BEGIN; SET LOCAL standard_conforming_strings = on; COMMIT;")]
    public void A_standard_conforming_strings_setting_that_persists_hides_no_statement(string sql)
    {
        sql += @" SELECT '\''; DROP TABLE items; --'";
        var found = Analyse(sql);
        Assert.Contains(found, f => f is { Rule: "drop-table", Object: "items" });
        Assert.Contains(found, f => f is { Rule: "dynamic-sql" } && f.Message.Contains("standard_conforming_strings", StringComparison.Ordinal));
        Assert.Contains("standard_conforming_strings", ScriptPlan.For(sql, ScriptDelivery.Statements, 15).Refusal!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DO $$ BEGIN PERFORM set_config('standard_' || 'conf' || 'orming_strings', 'off', false); END $$;" + Hides)]
    [InlineData("DO $$ BEGIN EXECUTE 'SET standard_conforming_strings = off'; END $$;" + Hides)]
    [InlineData("UPDATE pg_settings SET setting = 'off' WHERE name LIKE 'standard_conf%';" + Hides)]
    [InlineData("SET " + Off + @" DO 'BEGIN d\145lete FROM items; END';")]
    [InlineData("SET " + Off + @" DO $$ BEGIN PERFORM '\''; DELETE FROM items; PERFORM ''; END $$;")]
    [InlineData("ALTER DATABASE app SET " + Off + Hides)]
    public void A_string_with_an_ambiguous_end_is_reported(string sql) =>
        Assert.Contains(Analyse(sql), f => f is { Rule: "dynamic-sql", Severity: FindingSeverity.Opaque } && f.Message.Contains("standard_conforming_strings", StringComparison.Ordinal));

    [Theory]
    [InlineData("SET " + Off + " SET standard_conforming_strings = on; SELECT 'back\\';")]
    [InlineData("BEGIN; SET LOCAL " + Off + " COMMIT; SELECT 'back\\';")]
    [InlineData("SET standard_conforming_strings = on; SELECT '\\'; INSERT INTO t VALUES ('C:\\');")]
    [InlineData("SET " + Off + " INSERT INTO t VALUES ('a\\nb', 'c\\\\', E'\\'', $$\\$$);")]
    [InlineData("SELECT * FROM t WHERE a LIKE '%\\' ESCAPE '\\';")]
    [InlineData("SELECT set_config('search_path', '', false), '\\';")]
    public void A_string_with_an_unambiguous_end_is_not_reported(string sql)
    {
        Assert.DoesNotContain(Analyse(sql), f => f.Rule == "dynamic-sql");
        Assert.Null(ScriptPlan.For(sql, ScriptDelivery.Statements, 15).Refusal);
    }

    [Fact]
    public void A_setting_that_a_script_does_not_reset_causes_ambiguous_strings_in_the_next_script()
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", "SET " + Off), new SqlScript("2.sql", @"SELECT '\''; DROP TABLE items; --'")]);
        Assert.Contains(found, f => f is { File: "2.sql", Rule: "dynamic-sql" });
    }

    [Fact]
    public void A_setting_that_a_script_resets_does_not_affect_the_strings_of_the_next_script() =>
        Assert.DoesNotContain(MigrationAnalyser.Analyse([new SqlScript("1.sql", "SET " + Off + "; RESET standard_conforming_strings"), new SqlScript("2.sql", @"SELECT '\'")]), f => f.Rule == "dynamic-sql");

    [Theory]
    [InlineData("BEGIN; SET LOCAL search_path = other; COMMIT; DROP TABLE items", "items")]
    [InlineData("BEGIN; SAVEPOINT a; SET search_path = other; ROLLBACK TO a; DROP TABLE items", "items")]
    [InlineData("BEGIN; SET search_path = other; SAVEPOINT a; SET search_path = third; ROLLBACK TO a; DROP TABLE items", "other.items")]
    [InlineData("BEGIN; SET search_path = other; RELEASE a; COMMIT; DROP TABLE items", "other.items")]
    [InlineData("BEGIN; SET LOCAL search_path = other; SET search_path FROM CURRENT; COMMIT; DROP TABLE items", "other.items")]
    [InlineData("SET search_path = other; BEGIN; SET LOCAL search_path = third; COMMIT; DROP TABLE items", "other.items")]
    public void The_search_path_has_the_same_scope_as_in_PostgreSQL(string sql, string table) =>
        Assert.Equal(table, Analyse(sql).Single(f => f.Rule == "drop-table").Object);

    [Theory]
    [InlineData("SELECT set_config('search_path', current_setting('x'), false); BEGIN; SET search_path = public; ROLLBACK; UPDATE items SET a = 1 WHERE id = 1")]
    [InlineData("ALTER ROLE app SET search_path = other", "UPDATE items SET a = 1 WHERE id = 1")]
    public void An_unknown_search_path_stays_unknown_after_a_rollback_and_for_later_scripts(params string[] scripts) =>
        Assert.Contains(MigrationAnalyser.Analyse([.. scripts.Select((s, i) => new SqlScript($"{i}.sql", s))]), f => f is { Rule: "update-rows", Severity: FindingSeverity.Destructive });

    [Theory]
    [InlineData("BEGIN; SET LOCAL lock_timeout = '2s'; COMMIT; ALTER TABLE items ADD a int", true)]
    [InlineData("BEGIN; SET lock_timeout = '2s'; ROLLBACK; ALTER TABLE items ADD a int", true)]
    [InlineData("SET lock_timeout = '2s'; BEGIN; ALTER TABLE items ADD a int; COMMIT", false)]
    [InlineData("SELECT set_config('lock_timeout', '2s', false); ALTER TABLE items ADD a int", false)]
    public void The_lock_timeout_has_the_same_scope_as_in_PostgreSQL(string sql, bool isMissing) =>
        Assert.Equal(isMissing, Analyse(sql).Any(f => f.Rule == "missing-lock-timeout"));

    private static IReadOnlyList<MigrationFinding> Analyse(string sql) => MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]);
}
