using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Files that are read as their own tool does, whatever another would take them for.</summary>
public sealed class ToolRulesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-rules-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Files (with a text after a colon), and the names in order.</summary>
    [Theory]
    [InlineData("db/migrations/2_scale_down.sql:--migrate:up db/migrations/10_b.sql:--migrate:up db/migrations/1_a.sql:--migrate:up", "10_b.sql 1_a.sql 2_scale_down.sql")]
    [InlineData("supabase/config.toml:x supabase/migrations/1_a.sql:x supabase/migrations/2_scale-down.sql:x", "1_a.sql 2_scale-down.sql")]
    [InlineData("migrations/atlas.sum:x migrations/1_undo.sql:x migrations/2_b.sql:x", "1_undo.sql 2_b.sql")]
    [InlineData(".gmrc:{} migrations/committed/000001-a.sql:x migrations/committed/000002-scale-down.sql:x migrations/committed/000003-c.sql:x", "000001-a.sql 000002-scale-down.sql 000003-c.sql")]
    [InlineData(".gmrc:{\"migrationsFolder\":\"db\"} db/committed/000001-a.sql:x migrations/committed/000001-stale.sql:x", "000001-a.sql")]
    [InlineData(".env:DBMATE_MIGRATIONS_DIR=sql sql/1_a.sql:--migrate:up db/migrations/1_stale.sql:--migrate:up", "1_a.sql")]
    [InlineData("package.json:{\"node-pg-migrate\":1} migrations/1735689600000_b.sql:x migrations/20240101000000000_a.sql:x", "20240101000000000_a.sql 1735689600000_b.sql")]
    [InlineData("sqitch.conf:top_dir=db db/sqitch.plan:%project=x\n\na\n db/deploy/a.sql:x", "a")]
    [InlineData("hasura.md:x config.yaml:endpoint=1\nmigrations_directory:\"sql\" sql/default/1_a/up.sql:x", "1_a")]
    [InlineData("changelog.yaml:-include:{file:data.sql}-include:{file:zz.sql}-include:{file:a.sql} a.sql:--liquibase_formatted_sql data.sql:x zz.sql:x other.sql:x", "data.sql zz.sql a.sql")]
    public void The_order_and_the_choice_are_the_tools_own(string files, string names)
    {
        foreach (var file in files.Split(' '))
        {
            var at = file.IndexOf(':', StringComparison.Ordinal);
            new MigrationLayout("", (file[..at], file[(at + 1)..].Replace('_', file.Contains("formatted", StringComparison.Ordinal) ? ' ' : '_'))).WriteTo(root);
        }

        Assert.Equal(names, string.Join(' ', MigrationFolder.Open(root).Files.Select(f => f.Name)));
    }

    [Theory]
    [InlineData("sqitch.plan", "%project=x\n\na\n", "deploy/a.sql")]
    [InlineData(".gmrc", "{}", "migrations/committed/000001-a.sql")]
    public void Marks_of_another_tool_hide_nothing(string sign, string text, string script)
    {
        new MigrationLayout("", (sign, text), (script, "CREATE TABLE a ();\n-- Down migration: see elsewhere\nDROP TABLE keep;\n")).WriteTo(root);
        Assert.Contains("DROP TABLE keep", MigrationFolder.Open(root).Files.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- Down\n-- Drop the users table\nDROP TABLE users;")]
    [InlineData("-- Down\n-- with care\nDROP TABLE users;")]
    [InlineData("-- Roll back\nDROP TABLE users;")]
    [InlineData("-- +dbmigrate Down\nDROP TABLE users;")]
    public void A_part_that_undoes_is_never_run_whatever_comment_follows_its_mark(string part)
    {
        new MigrationLayout("", ("001_a.sql", "CREATE TABLE users ();\n" + part)).WriteTo(root);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void A_script_that_is_not_UTF_8_is_refused_wherever_it_is_read()
    {
        File.WriteAllBytes(Path.Combine(root, "001_a.sql"), [.. "SELECT 1;\n'"u8, 0xFC, .. "';"u8]);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root).Files.Single().Text);
        Assert.Equal("DBS479", error.Code);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Equal("DBS479", Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root).Single().Open()).Code);
    }

    [Fact]
    public void The_ending_of_a_script_may_be_in_capitals()
    {
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), ("002_b.SQL", "SELECT 2;"), ("003_c.sql", "SELECT 3;")).WriteTo(root);
        Assert.Equal(["001_a.sql", "002_b.SQL", "003_c.sql"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("001_a.downgrade.sql")]
    [InlineData("001_a.d.sql")]
    [InlineData("001-down-a.sql")]
    [InlineData("001_a_reverse.sql")]
    public void A_file_that_undoes_another_is_not_run(string name)
    {
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), (name, "SELECT 2;")).WriteTo(root);
        Assert.DoesNotContain(MigrationFolder.Open(root).Files, f => f.Name == name && !f.IsUnlisted);
    }

    [Fact]
    public void A_link_to_a_migration_of_Prisma_is_no_other_one()
    {
        new MigrationLayout("", ("migrations/20240101_a/migration.sql", "SELECT 1;")).WriteTo(root);
        Directory.CreateSymbolicLink(Path.Combine(root, "migrations", "latest"), "20240101_a");
        Assert.Equal(["20240101_a"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }
}
