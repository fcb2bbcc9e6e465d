using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What is run only to undo a migration is told, and neither refused nor taken for what the next migration meets.</summary>
public sealed class UndoTests
{
    [Theory]
    [InlineData("-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;")]
    [InlineData("-- +goose Up\nCREATE TABLE t (a int);\n\n-- +goose Down\nDROP TABLE t;")]
    [InlineData("-- Up Migration\nCREATE TABLE t (a int);\n-- Down Migration\nDROP TABLE t;")]
    [InlineData("-- +migrate Down\nDROP TABLE t;\n-- +migrate Up\nCREATE TABLE t (a int);")]
    public void The_down_section_of_a_script_is_reported_as_information(string sql)
    {
        var findings = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql), new SqlScript("2.sql", "ALTER TABLE t DROP COLUMN a;")]);

        Assert.Equal(["create-table", "drop-column", "drop-table"], findings.Select(f => f.Rule).Order(StringComparer.Ordinal));
        Assert.All(findings, f => Assert.Equal(FindingSeverity.Info, f.Severity));
        Assert.Contains("the script undoes a migration", findings.Single(f => f.Rule == "drop-table").Message, StringComparison.Ordinal);
        Assert.Contains("created by the same pending migrations", findings.Single(f => f.Rule == "drop-column").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_routine_created_in_a_down_section_does_not_replace_the_routine_that_a_later_script_calls()
    {
        const string Makes = "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ ";
        var findings = MigrationAnalyser.Analyse([new SqlScript("1.sql", $"-- migrate:up\n{Makes} DELETE FROM orders $$;\n-- migrate:down\n{Makes} SELECT 1 $$;"), new SqlScript("2.sql", "SELECT f();")]);
        Assert.Contains(findings, f => f is { Rule: "delete-without-where", Severity: FindingSeverity.Destructive });
    }

    [Theory]
    [InlineData("-- migrate:down\nDROP TABLE t;")]
    [InlineData("-- down here the old table goes\nDROP TABLE t;")]
    [InlineData("SELECT '\n-- migrate:up\n-- migrate:down\n';\nDROP TABLE t;")]
    public void Without_markers_of_a_migration_tool_every_statement_counts_as_run(string sql) =>
        Assert.Contains(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f is { Rule: "drop-table", Severity: FindingSeverity.Destructive });

    [Fact]
    public async Task An_undo_file_is_analysed_with_its_folder_and_blocks_only_when_it_is_specified()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-undo-").FullName;
        File.WriteAllText(Path.Combine(folder, "1_t.up.sql"), "CREATE TABLE t (a int);");
        File.WriteAllText(Path.Combine(folder, "1_t.down.sql"), "DROP TABLE t;");

        var all = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder, All: true), OperationEvents.None, CancellationToken.None);
        var shown = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder), OperationEvents.None, CancellationToken.None);
        var named = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(Path.Combine(folder, "1_t.down.sql")), OperationEvents.None, CancellationToken.None);

        Assert.Equal(["1_t.down.sql", "1_t.up.sql"], all.Select(f => f.File).Order(StringComparer.Ordinal));
        Assert.Empty(shown);
        Assert.True(Assert.Single(named, f => f.Rule == "drop-table").Refuses);
        Directory.Delete(folder, recursive: true);
    }
}
