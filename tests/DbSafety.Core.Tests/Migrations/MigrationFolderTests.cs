using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

public sealed class MigrationFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-tests-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("prisma")]
    [InlineData("prisma/migrations")]
    public void A_Prisma_folder_is_found_from_the_project_and_from_each_of_its_subfolders(string from)
    {
        Write("prisma/migrations/migration_lock.toml", "# c\nprovider = \"postgresql\"\n");
        Write("prisma/migrations/20240102_b/migration.sql", "SELECT 2");
        Write("prisma/migrations/20240101_a/migration.sql", "SELECT 1");

        var folder = MigrationFolder.Open(Path.Combine(root, from));

        Assert.Equal(MigrationSource.Prisma, folder.Source);
        Assert.Equal(["20240101_a", "20240102_b"], folder.Files.Select(f => f.Name));
        Assert.EndsWith("20240101_a/migration.sql", folder.Files[0].RelativePath, StringComparison.Ordinal);
    }

    [Fact]
    public void Prisma_folders_are_sorted_like_localeCompare()
    {
        // The order that node gives for these names.
        string[] names = ["0_init", "20240101_a", "20240101_B", "20240101_c d", "20240101-x", "202401010_a", "a", "A", "b"];
        Assert.Equal(names, names.Reverse().Order(PrismaOrder.Instance));
    }

    [Fact]
    public void A_project_for_another_database_system_is_refused()
    {
        Write("migration_lock.toml", "provider = \"mysql\"\n");
        Assert.Equal("DBS411", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("V1__a.sql V1.2__b.sql V1.10__c.sql V2__d.sql V10__e.sql")]
    [InlineData("1_a.sql 2_b.sql 10_c.sql")]
    [InlineData("001_a.sql 002-b.up.sql 20240101120000_c.sql")]
    [InlineData("V1_1__a.sql V1_2__b.sql")]
    [InlineData("a.sql b.sql")]
    public void SQL_files_are_sorted_by_their_numbers(string names)
    {
        foreach (var name in names.Split(' ').Reverse())
            Write(name, "SELECT 1");
        Assert.Equal(names.Split(' '), MigrationFolder.Open(root, MigrationSource.Sql).Files.Select(f => f.Name));
    }

    [Fact]
    public void Rollback_files_are_not_run_and_files_without_a_position_are_listed()
    {
        foreach (var name in new[] { "V1__a.sql", "U1__a.sql", "2_b.down.sql", "2_b.up.sql", "R__view.sql", "seed.sql" })
            Write(name, "SELECT 1");

        var states = MigrationStates.Combine(MigrationFolder.Open(root, MigrationSource.Sql), [], []);

        Assert.Equal(
            ["V1__a.sql Pending", "2_b.up.sql Pending", "R__view.sql Unlisted", "seed.sql Unlisted"],
            states.Select(s => $"{s.Name} {s.State}"));
    }

    [Theory]
    [InlineData("-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;\n")]
    [InlineData("-- +goose Up\nCREATE TABLE t (a int);\n-- +goose Down\nDROP TABLE t;\n")]
    [InlineData("-- +migrate Up\nCREATE TABLE t (a int);\n-- +migrate Down\nDROP TABLE t;\n")]
    [InlineData("-- Up Migration\nCREATE TABLE t (a int);\n-- Down Migration\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n---- create above / drop below ----\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- //@UNDO\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n--//@UNDO\n-- removes it\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- rollback\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-------- DOWN --------\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n/* Revert script */\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- To undo this migration:\nDROP TABLE t;\n")]
    [InlineData("-- rambler up\nCREATE TABLE t (a int);\n-- rambler down\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- ROLLBACK INSTRUCTIONS\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback commands:\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback (emergency only)\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback SQL (run manually)\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- ROLLBACK SCRIPT FOR USERS: 1.2\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Down: drop users\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- UNDO CHANGES TO users\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Revert changes made by this migration\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- drop everything again\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Откат\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- 回滚\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Rückgängig machen\nDROP TABLE IF EXISTS public.t CASCADE;\n")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT t_a CHECK (a > 0);\n-- Rollback commands:\nALTER TABLE t DROP CONSTRAINT t_a;\n")]
    [InlineData("CREATE POLICY p ON t USING (true);\n-- Rollback commands:\nDROP POLICY p ON t;\n")]
    [InlineData("ALTER TABLE t ENABLE ROW LEVEL SECURITY;\n-- Rollback commands:\nALTER TABLE public.t DISABLE ROW LEVEL SECURITY;\n")]
    [InlineData("ALTER TABLE t RENAME COLUMN a TO b;\n-- Rollback commands:\nALTER TABLE t RENAME COLUMN b TO a;\n")]
    [InlineData("INSERT INTO t VALUES (1);\n-- Rollback data\nDELETE FROM t WHERE a = 1;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- If you need to rollback, run:\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- Part B - Rollback\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- 2. Rollback of t\nDROP TABLE t;\n")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT t_a CHECK (a > 0);\n-- restore previous state\nALTER TABLE t DROP CONSTRAINT t_a;\n")]
    [InlineData("CREATE TABLE t (a int);\n\\echo Rollback\nDROP TABLE t;\n")]
    [InlineData("\\echo Creating t\nCREATE TABLE t (a int);\n\\echo 'Rollback of t'\nDROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n-- ROLLBACK (use in emergency)\nALTER TABLE t RENAME TO t_old;\n")]
    public void A_file_with_its_own_rollback_is_refused(string sql)
    {
        Write("1_t.sql", sql);
        var failure = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root, MigrationSource.Sql));
        Assert.Equal("DBS410", failure.Code);
        Assert.Contains("line ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- Rollback: drop table t by hand\nCREATE TABLE t (a int);\nSELECT 1;")]
    [InlineData("--changeset me:1\nCREATE TABLE t (a int);\n--rollback drop table t;\nSELECT 1;")]
    [InlineData("CREATE TABLE t (a int);\n-- Undo:\n-- DROP TABLE t;\nCREATE INDEX ON t (a);")]
    [InlineData("-- Reverts the change of migration 7\nCREATE TABLE t (a int);\nSELECT 1;")]
    [InlineData("CREATE TABLE t (a int);\n-- rollback\n")]
    [InlineData("SELECT '\n-- down\n';\nSELECT 1;")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n-- rollback\nNULL;\nEND $$;\nSELECT 1;")]
    [InlineData("CREATE TABLE t (a int);\n-- the price goes down here\nSELECT 1;")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback: drop table t by hand\nCREATE INDEX i ON t (a);")]
    [InlineData("CREATE TABLE t (a int);\n--rollback drop table t;\nDROP TABLE old_t;")]
    [InlineData("CREATE TEMP TABLE w (a int);\n-- Undo the price change of May\nUPDATE t SET a = 1;\nDROP TABLE w;")]
    [InlineData("CREATE TABLE n (a int);\n-- down payments go into n\nALTER TABLE t DROP COLUMN a;")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback (not possible)\nCREATE INDEX ON t (a);")]
    [InlineData("CREATE TABLE t (a int);\n-- Rollback (see the runbook)\nCREATE INDEX ON t (a);")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS '';\n-- if it fails, everything is rolled back\nSELECT f();\n-- Cleanup\nDROP FUNCTION f();")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;\n-- clean up\nALTER TABLE t DROP CONSTRAINT c;")]
    [InlineData("CREATE TABLE t (a int);\n-- If you need to roll back, drop t by hand\nCREATE INDEX ON t (a);")]
    [InlineData("CREATE TABLE t (a int);\n-- restore the previous default\nALTER TABLE u ALTER a SET DEFAULT 1;")]
    [InlineData("\\echo Creating t, no rollback needed\nCREATE TABLE t (a int);\n\\echo done\nSELECT 1;")]
    public void A_remark_about_a_rollback_does_not_refuse_the_file(string sql)
    {
        Write("1_t.sql", sql);
        Assert.Single(MigrationFolder.Open(root).Files);
    }

    [Theory]
    [InlineData("001.do.a.sql 002.do.b.sql", "001.undo.a.sql 002.undo.b.sql")]
    [InlineData("0001.a.sql 0002.b.sql", "0001.a.rollback.sql 0002.b.rollback.sql")]
    [InlineData("up_1.sql up_2.sql", "down_1.sql down_2.sql")]
    [InlineData("001_a.sql", "001_a-undo.sql 001_a_revert.sql")]
    public void Files_whose_names_mark_a_rollback_are_not_run(string forward, string undo)
    {
        foreach (var name in $"{forward} {undo}".Split(' '))
            Write(name, "SELECT 1");
        Assert.Equal(forward.Split(' '), MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    [Theory]
    [InlineData("up.sql")]
    [InlineData("migration.sql")]
    public void The_folder_of_a_single_migration_is_refused(string script)
    {
        Write($"20240101_a/{script}", "SELECT 1");
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, "20240101_a"))).Code);
    }

    [Fact]
    public void Flyway_file_names_with_another_prefix_are_not_read_as_plain_SQL_files()
    {
        foreach (var name in new[] { "M2__b.sql", "M10__c.sql" })
            Write(name, "SELECT 1");
        Assert.Equal("DBS401", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("nothing.txt", "DBS401")]
    [InlineData("meta/_journal.json", "DBS414")]
    public void A_folder_without_runnable_migrations_is_refused(string file, string code)
    {
        Write(file, "{}");
        Assert.Equal(code, Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void The_checksum_is_the_SHA_256_of_the_bytes_and_ignores_changed_line_endings()
    {
        Write("1_a.sql", "SELECT 1;\r\n");
        var file = MigrationFolder.Open(root).Files[0];
        Assert.Equal("d3cd5042f97738960d802ad6b3a548dfa18152215118ba18f04493bc6944b0e4", file.Checksum);
        // printf 'SELECT 1;\n' | sha256sum
        Assert.True(file.Matches("b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd"));
        Assert.False(file.Matches(new string('0', 64)));
    }

    [Fact]
    public void Migration_states_are_distinguished()
    {
        foreach (var name in new[] { "1", "2", "3", "4", "5", "6" })
            Write($"{name}/migration.sql", "SELECT " + name);
        Directory.CreateDirectory(Path.Combine(root, "7"));
        var folder = MigrationFolder.Open(root);
        var now = DateTimeOffset.UtcNow;
        HistoryEntry Entry(string name, DateTimeOffset? finished, DateTimeOffset? rolledBack, string? checksum = null) =>
            new(Guid.NewGuid().ToString(), name, checksum ?? folder.Files.FirstOrDefault(f => f.Name == name)?.Checksum ?? "x", finished, rolledBack, null);
        HistoryEntry[] history =
        [
            Entry("1", now, null), Entry("2", now, null, "other"), Entry("3", null, null), Entry("0_gone", now, null),
            Entry("5", now, null), Entry("6", null, now),
        ];

        Assert.Equal(
            ["0_gone Missing", "1 Applied", "2 Modified", "3 Failed", "4 OutOfOrder", "5 Applied", "6 RolledBack", "7 NoScript"],
            MigrationStates.Combine(folder, history, []).Select(s => $"{s.Name} {s.State}"));
    }

    /// <summary>Names of folders, and of rows in the order in which they were applied; * was marked as applied.</summary>
    [Theory]
    [InlineData("000_squashed", "1_a 2_b 000_squashed*", "000_squashed Applied|1_a Applied|2_b Applied")]
    [InlineData("000_squashed 3_c 4_d", "1_a 2_b 3_c 000_squashed*", "000_squashed Applied|1_a Applied|2_b Applied|3_c Applied|4_d Pending")]
    [InlineData("2_squashed 3_c", "1_a 2_b 2_squashed*", "1_a Applied|2_b Applied|2_squashed Applied|3_c Pending")]
    [InlineData("000_squashed 1_a 3_c", "1_a 2_b 3_c 000_squashed*", "000_squashed Applied|1_a Applied|2_b Missing|3_c Applied")]
    [InlineData("2_b 3_hotfix", "1_a 2_b 3_hotfix*", "1_a Missing|2_b Applied|3_hotfix Applied")]
    [InlineData("000_all", "1_a 000_all 2_b", "000_all Applied|1_a Missing|2_b Missing")]
    [InlineData("000_base", "000_base* 1_a", "000_base Applied|1_a Missing")]
    public void Migrations_that_a_squashed_Prisma_migration_replaces_are_not_missing(string folders, string rows, string states)
    {
        foreach (var name in folders.Split(' '))
            Write($"{name}/migration.sql", "SELECT 1");
        Write("migration_lock.toml", "provider = \"postgresql\"\n");
        var folder = MigrationFolder.Open(root);
        var checksum = folder.Files[0].Checksum!;
        var history = rows.Split(' ').Select((r, i) => new HistoryEntry($"{i}", r.TrimEnd('*'), checksum, DateTimeOffset.UnixEpoch.AddMinutes(i), null, null) { IsMarked = r.EndsWith('*') }).ToList();
        Assert.Equal(states.Split('|').Order(StringComparer.Ordinal), MigrationStates.Combine(folder, history, []).Select(s => $"{s.Name} {s.State}").Order(StringComparer.Ordinal));
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
