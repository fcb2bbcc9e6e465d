using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>What the names of plain SQL files say about their order, and about what they are.</summary>
public sealed class FileNameTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-names-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("migration_1.sql|migration_2.sql|migration_9.sql|migration_10.sql")]
    [InlineData("m1.sql|m2.sql|m10.sql")]
    [InlineData("sprint_9.sql|sprint_10.sql|seed.sql")]
    [InlineData("upgrade-1.2.sql|upgrade-1.9.sql|upgrade-1.10.sql")]
    [InlineData("#1-a.sql|#2-b.sql|#10-c.sql")]
    [InlineData("(1) a.sql|(2) b.sql|(10) c.sql")]
    [InlineData("T-2.sql|T-10.sql")]
    [InlineData("m1a.sql|m1b.sql|m2.sql")]
    public void Numbers_after_a_common_prefix_determine_the_order(string names)
    {
        Write(names);
        var files = MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).ToList();
        Assert.Equal(names.Replace("|seed.sql", "", StringComparison.Ordinal).Split('|'), files.Select(f => f.Name));
        Assert.All(files, f => Assert.Equal((null, null), (f.Doubt, f.OrderDoubt)));
        Assert.Equal(files.Select(f => f.Name), ScriptFolder.Find(root).Where(s => !s.IsUndo).Select(s => s.File));
    }

    [Theory]
    [InlineData("users_v2.sql|users_v10.sql|orders.sql")]
    [InlineData("users-1.sql|orders-2.sql")]
    [InlineData("jan_a.sql|feb_b.sql")]
    [InlineData("05-jan-2024.sql|01-feb-2024.sql")]
    [InlineData("05-01-2024.sql|01-02-2024.sql")]
    [InlineData("05012024_a.sql|01022024_b.sql")]
    [InlineData("05-jan-2024.sql|05-feb-2024.sql")]
    [InlineData("2024-mai_a.sql|2024-okt_b.sql")]
    [InlineData("2024_a.sql|2024_b.sql")]
    [InlineData("2024Q1_a.sql|2024-02-03_b.sql")]
    [InlineData("2024W9_a.sql|2024-mar_b.sql")]
    [InlineData("01-2025_a.sql|02-2024_b.sql")]
    [InlineData("Q1_2025.sql|Q2_2024.sql")]
    [InlineData("202401011_a.sql|20240102_b.sql")]
    [InlineData("2024_a.sql|20240102_b.sql")]
    [InlineData("202402_a.sql|20240102_b.sql")]
    [InlineData("0008_a.sql|0009_b.sql|000a_c.sql|0010_d.sql")]
    [InlineData("3f2a_a.sql|9c1e_b.sql|12ab_c.sql|a1b2_d.sql")]
    [InlineData("3f2a_a.sql|9c1e_b.sql|a1b2_d.sql")]
    [InlineData("2024_b.sql|2024-06-15_d.sql")]
    [InlineData("2024-06_c.sql|2024-06-15_d.sql")]
    [InlineData("2024Q4_a.sql|2024Q5_b.sql|2025Q1_c.sql")]
    [InlineData("2024W52_a.sql|2024W54_b.sql")]
    [InlineData("9999_a.sql|2024-01-02_b.sql")]
    [InlineData("10000_a.sql|2024-01-02_b.sql")]
    [InlineData("pre_deploy.sql|deploy.sql|post_deploy.sql")]
    [InlineData("PreDeploy.sql|Deploy.sql|PostDeploy.sql")]
    [InlineData("users_pre.sql|users.sql|users_post.sql")]
    [InlineData("after.sql|before.sql")]
    [InlineData("after_x.sql|before_x.sql")]
    [InlineData("init.sql|alter.sql")]
    [InlineData("one.sql|two.sql|three.sql")]
    [InlineData("first_a.sql|second_b.sql|third_c.sql|fourth_d.sql")]
    [InlineData("I_a.sql|II_b.sql|V_c.sql|IX_d.sql|X_e.sql")]
    [InlineData("A.sql|B.sql|AA.sql|AB.sql")]
    [InlineData("expand_a.sql|migrate_a.sql|contract_a.sql")]
    [InlineData("vor_x.sql|nach_x.sql")]
    public void No_migration_runs_if_the_order_of_the_names_is_not_certain(string names)
    {
        Write(names);
        var folder = MigrationFolder.Open(root);
        Assert.All(folder.Files, f => Assert.NotNull(f.OrderDoubt));
        Assert.All(MigrationStates.Combine(folder, [], []), s => Assert.Contains("order is not certain", s.Note, StringComparison.Ordinal));
    }

    /// <summary>Files of a project that changed how it dates them.</summary>
    [Theory]
    [InlineData("1704067200000_a.sql|1704153600000_b.sql|20240601000000_c.sql")]
    [InlineData("1704067200_a.sql|20240102_b.sql|20240601093000_c.sql")]
    [InlineData("1704067200_a.sql|1704067300_b.sql|1704067400000_c.sql|1704067500000000_d.sql")]
    [InlineData("20240101_a.sql|2024010201_b.sql|2024010202_c.sql|202401030930_d.sql|20240601_e.sql")]
    [InlineData("20231231235959_a.sql|1704067200_b.sql|20240101000001_c.sql")]
    [InlineData("20240101093000_a.sql|20240101093000123_b.sql|20240101093001_c.sql")]
    [InlineData("20240101093000123_a.sql|20240101093000123456_b.sql|1704101400200_c.sql")]
    public void Unix_time_and_dates_are_compared_as_times(string names)
    {
        Write(names);
        var files = MigrationFolder.Open(root).Files;
        Assert.Equal(names.Split('|'), files.Select(f => f.Name));
        Assert.All(files, f => Assert.Equal((null, null), (f.Doubt, f.OrderDoubt)));
    }

    [Theory]
    [InlineData("1_a.sql|2_b.sql|10_c.sql")]
    [InlineData("add_users.sql|create_orders.sql|s3.sql")]
    [InlineData("001_may_report.sql|002_june.sql")]
    [InlineData("2024-01-02T09-30-00_create_users.sql|2024-01-15T10-00-00_create_orders.sql")]
    [InlineData("20240102T093000_create_users.sql|20240102T100000_create_orders.sql")]
    [InlineData("20240102_create_users.sql|20240102_create_orders.sql")]
    [InlineData("１_a.sql|２_b.sql")]
    [InlineData("2023Q4_c.sql|2024Q1_a.sql|2024Q2_b.sql")]
    [InlineData("2024W9_a.sql|2024W10_b.sql")]
    [InlineData("2024-jan_a.sql|2024-feb_b.sql|2024-oct-2.sql|2024-oct-10.sql")]
    [InlineData("2023Q4_a.sql|2024-01-01_b.sql")]
    [InlineData("2024Q1_add_users.sql|2024Q1_create_orders.sql")]
    [InlineData("0001_a.sql|9999_b.sql|10000_c.sql")]
    [InlineData("001_a.sql|20240102_b.sql")]
    [InlineData("schema_migration_1.sql|schema_migration_2.sql|schema_migration_10.sql")]
    [InlineData("schema-update-1.sql|schema-update-2.sql")]
    [InlineData("9_a.sql|9a_b.sql|10_c.sql|10a_d.sql|100_e.sql")]
    [InlineData("001a_x.sql|001b_y.sql|002_z.sql")]
    [InlineData("1add_users.sql|2_b.sql")]
    [InlineData("post.sql|user.sql|comment.sql")]
    [InlineData("create_post.sql|update_user.sql")]
    [InlineData("add_users.sql|create_orders.sql|base_prices.sql")]
    [InlineData("ix_users.sql|v_users.sql")]
    [InlineData("before.sql|during.sql|main.sql")]
    [InlineData("a.sql|b.sql|c.sql")]
    [InlineData("init.sql|users.sql")]
    [InlineData("one_a.sql|two_b.sql")]
    [InlineData("2024_decimal_prices.sql|2024_jan_fix.sql")]
    public void Common_file_names_have_a_certain_order_and_purpose(string names)
    {
        Write(names);
        Assert.All(MigrationFolder.Open(root).Files, f => Assert.Equal((null, null), (f.Doubt, f.OrderDoubt)));
    }

    /// <summary>A number beside a year that is no day of a month, a year or a month alone, and versions by years.</summary>
    [Theory]
    [InlineData("2024-01-31_a.sql|2024-01-32_b.sql|2024-02-01_c.sql")]
    [InlineData("2024_1_1.sql|2024_1_4.sql|2024_1_32.sql|2024_2_1.sql")]
    [InlineData("2024.2.4.sql|2024.2.31.sql|2024.3.1.sql|2024.9.40.sql|2024.13.1.sql|2025.1.1.sql")]
    [InlineData("2023_a.sql|2024-06-15_d.sql|2025_e.sql|2026-06-01_f.sql")]
    [InlineData("2031_a.sql|2032_march_b.sql|2033_c.sql|2034_q1_d.sql|2035_e.sql")]
    [InlineData("1998_a.sql|1999_jan_report.sql|2000_c.sql|2001_10_percent.sql|2003_x.sql")]
    public void Names_that_begin_with_a_year_have_the_same_order_as_dates_and_as_numbers(string names)
    {
        Write(names);
        var files = MigrationFolder.Open(root).Files;
        Assert.Equal(names.Split('|'), files.Select(f => f.Name));
        Assert.All(files, f => Assert.Equal((null, null), (f.Doubt, f.OrderDoubt)));
    }

    [Fact]
    public void Files_of_the_same_day_are_ordered_by_time()
    {
        Write("2024-01-02T10-00-00Z_a.sql|20240102T093000_b.sql|2024-01-02T09-00_c.sql|20240103_d.sql");
        Assert.Equal(["2024-01-02T09-00_c.sql", "20240102T093000_b.sql", "2024-01-02T10-00-00Z_a.sql", "20240103_d.sql"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("foo--1.0.sql|foo--1.0--1.1.sql|foo--1.1--1.0.sql")]
    [InlineData("01-a.sql|02-b.sh|03-c.sql")]
    [InlineData("01-a.sql|02-b.sql.gz")]
    [InlineData("001_a.sql|002_b.ps1")]
    [InlineData("m1.sql|m2.sql|m3.bash")]
    public void Extension_scripts_and_numbered_program_files_are_rejected(string names)
    {
        Write(names);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("99_rollback.sql")]
    [InlineData("99_uninstall.sql")]
    [InlineData("20240102_down.sql")]
    [InlineData("007_drop_all.sql")]
    [InlineData("019_drop_all_tables.sql")]
    [InlineData("008_wipe.sql")]
    [InlineData("009_delete_all.sql")]
    [InlineData("010_create_users_rollback.sql")]
    [InlineData("02_rueckgaengig.sql")]
    [InlineData("02_annuler.sql")]
    [InlineData("04_deshacer.sql")]
    [InlineData("04_откат.sql")]
    [InlineData("002_test_data.sql")]
    [InlineData("003_sample_data.sql")]
    [InlineData("006_demo_data.sql")]
    [InlineData("004_seed_users.sql")]
    [InlineData("005_user_seeds.sql")]
    [InlineData("03_users_backup.sql")]
    [InlineData("05_dump-users.sql")]
    [InlineData("010_example.sql")]
    [InlineData("03_testdaten.sql")]
    [InlineData("05_semilla.sql")]
    [InlineData("008_DO_NOT_RUN.sql")]
    [InlineData("009_draft.sql")]
    [InlineData("008_wip.sql")]
    [InlineData("008_users_wip.sql")]
    [InlineData("010_disabled.sql")]
    [InlineData("005_local_only.sql")]
    [InlineData("006_dev_only.sql")]
    [InlineData("007_users_not_for_production.sql")]
    [InlineData("011_users.draft.sql")]
    [InlineData("012_users.dev.sql")]
    [InlineData("002_faker.sql")]
    public void A_numbered_file_whose_name_indicates_another_purpose_is_reported_as_doubtful(string name)
    {
        Write("000_a.sql|" + name);
        Assert.Equal(name, Assert.Single(MigrationFolder.Open(root).Files, f => f.Doubt is not null).Name);
    }

    [Theory]
    [InlineData("002_drop.sql")]
    [InlineData("003_delete.sql")]
    [InlineData("003_drop_column_x.sql")]
    [InlineData("004_add_rollback_reason.sql")]
    [InlineData("005_backup_settings_table.sql")]
    [InlineData("006_add_backup.sql")]
    [InlineData("007_create_audit_snapshot.sql")]
    [InlineData("008_password_reset.sql")]
    [InlineData("009_users_cleanup.sql")]
    [InlineData("010_revert_price_change.sql")]
    [InlineData("011_add_is_demo.sql")]
    [InlineData("012_remove_demo_data.sql")]
    [InlineData("013_drop_users_backup.sql")]
    [InlineData("014_scale_down.sql")]
    [InlineData("015_sample_rates.sql")]
    [InlineData("016_add_test_results.sql")]
    [InlineData("017_delete_all_expired_sessions.sql")]
    [InlineData("018_example_sentences.sql")]
    [InlineData("019_add_disabled.sql")]
    [InlineData("001_todo.sql")]
    [InlineData("001_drafts.sql")]
    [InlineData("001_local_businesses.sql")]
    [InlineData("020_draft_orders.sql")]
    [InlineData("021_users_disabled.sql")]
    [InlineData("022_skip_list.sql")]
    [InlineData("023_old_prices.sql")]
    [InlineData("024_add_read_only.sql")]
    [InlineData("026_users_test_only_flag.sql")]
    [InlineData("001_rollback_triggers.sql|002_triggers.sql")]
    [InlineData("025_users.production.sql")]
    public void A_suspicious_word_next_to_the_changed_object_does_not_cause_doubt(string name)
    {
        Write("000_a.sql|" + name);
        Assert.All(MigrationFolder.Open(root).Files, f => Assert.Null(f.Doubt));
    }

    [Theory]
    [InlineData("001_protect.sql|002_b.sql", "901_rollback_protect.sql")]
    [InlineData("20240101120000_protect_up.sql", "20240101120001_protect_down.sql")]
    [InlineData("0001-up-a.sql", "0002-down-a.sql")]
    [InlineData("001_a.sql", "002_undo_a.sql")]
    [InlineData("001_a.sql", "001.1_rollback_a.sql")]
    [InlineData("001_a.sql|003_b.sql", "001r_a.sql")]
    [InlineData("1.0-1.1.sql|1.1-1.2.sql", "1.1-1.0.sql")]
    [InlineData("001_a.sql|002_b.sql", "901_rb_a.sql")]
    [InlineData("001_a_fwd.sql", "002_a_bwd.sql")]
    [InlineData("001_create_a.sql", "002_rollback_script_for_create_a.sql")]
    public void A_file_whose_name_indicates_an_undo_of_another_file_is_reported_as_doubtful_with_any_number(string names, string undoing)
    {
        Write(names + "|" + undoing);
        Assert.Equal(undoing, Assert.Single(MigrationFolder.Open(root).Files, f => f.Doubt is not null).Name);
    }

    [Theory]
    [InlineData("Rollback Scripts")]
    [InlineData("migrations_down")]
    [InlineData("down-migrations")]
    [InlineData("backward")]
    [InlineData("uninstall")]
    [InlineData("undo.d")]
    [InlineData("rollback/v1")]
    [InlineData("rollback/release-1.2")]
    [InlineData("RollbackScripts")]
    [InlineData("rollback_v2")]
    [InlineData("00-rollback")]
    public void A_folder_whose_name_indicates_undo_scripts_is_not_a_migration_folder(string folder)
    {
        new MigrationLayout("", (folder + "/001_a.sql", "SELECT 1;")).WriteTo(root);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, folder))).Code);
    }

    /// <summary>A folder, and others beside it.</summary>
    [Theory]
    [InlineData("db/seeds", "")]
    [InlineData("db/fixtures", "")]
    [InlineData("db/dev-seed-data", "")]
    [InlineData("DatabaseBackups", "")]
    [InlineData("supabase/tests", "supabase/migrations")]
    [InlineData("supabase/schemas", "supabase/migrations")]
    [InlineData("archive", "migrations")]
    [InlineData("sql/verify", "sql/migrations")]
    [InlineData("test-data", "Migrations")]
    [InlineData("migrations_old", "migrations")]
    [InlineData("migrations/archive", "migrations")]
    public void A_folder_whose_name_indicates_another_purpose_is_rejected_unless_the_source_is_specified(string folder, string migrations)
    {
        new MigrationLayout("", (folder + "/001_a.sql", "SELECT 1;"), (migrations + "/001_b.sql", "SELECT 1;")).WriteTo(root);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, folder)));
        Assert.Equal("DBS490", error.Code);
        Assert.Contains("--source sql", error.Hint, StringComparison.Ordinal);
        if (migrations.Length > 0)
            Assert.Contains(Path.Combine(root, migrations), error.Hint, StringComparison.Ordinal);
        Assert.Equal("001_a.sql", Assert.Single(MigrationFolder.Open(Path.Combine(root, folder), MigrationSource.Sql).Files, f => !f.IsUnlisted).Name);
        // Nor is it offered in place of another.
        var offered = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, folder.Split('/')[0], "..")));
        Assert.DoesNotContain(folder.Split('/')[^1] + ",", offered.Message + ",", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test", "")]
    [InlineData("demo", "src")]
    [InlineData("archive", "src")]
    [InlineData("schema", "")]
    [InlineData("schema_migrations", "data_migrations")]
    [InlineData("seed_migrations", "")]
    [InlineData("tested", "migrations")]
    [InlineData("sql", "migrations")]
    [InlineData("rollback_reasons", "migrations")]
    public void A_folder_with_a_common_name_is_a_migration_folder(string folder, string beside)
    {
        new MigrationLayout("", (folder + "/001_a.sql", "SELECT 1;"), (beside + "/001_b.sql", "SELECT 1;")).WriteTo(root);
        Assert.Single(MigrationFolder.Open(Path.Combine(root, folder)).Files);
    }

    [Fact]
    public void Versions_of_a_complete_schema_are_reported_as_complete_schemas()
    {
        Write("schema-v1.sql|schema-v2.sql|schema-v10.sql");
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS401", error.Code);
        Assert.Contains("by name a complete schema", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Downgrade_files_are_not_run_with_upgrade_files()
    {
        Write("upgrade_1.0_1.1.sql|upgrade_1.1_1.2.sql|downgrade_1.1_1.0.sql");
        Assert.Equal(["upgrade_1.0_1.1.sql", "upgrade_1.1_1.2.sql"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    /// <summary>What has been applied has its place, and cannot be renamed any more.</summary>
    [Fact]
    public void The_names_of_applied_files_do_not_affect_the_certainty_of_the_order_of_pending_files()
    {
        Write("jan_a.sql|feb_b.sql|mar_c.sql");
        var folder = MigrationFolder.Open(root);
        IReadOnlyList<DbSafety.Migrations.Sources.PgMigration> States(params string[] applied) => MigrationStates.Combine(folder,
            [.. applied.Select(n => new DbSafety.Migrations.Sources.HistoryEntry(n, n, folder.Files.First(f => f.Name == n).Checksum!, DateTimeOffset.UtcNow, null, null))], []);
        Assert.Equal(3, States().Count(s => s.Note?.Contains("order is not certain", StringComparison.Ordinal) == true));
        Assert.Null(States("feb_b.sql", "jan_a.sql").Single(s => s.Name == "mar_c.sql").Note);
    }

    [Fact]
    public void The_undo_file_of_a_pair_is_not_run_with_any_undo_suffix()
    {
        Write("001_a.up.sql|001_a.dn.sql|002_b.up.sql|002_b.down.sql");
        Assert.Equal(["001_a.up.sql", "002_b.up.sql"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    [Fact]
    public void A_cluster_dump_is_detected_as_a_dump()
    {
        Write("001_a.sql");
        new MigrationLayout("", ("002_cluster.sql", "--\n-- PostgreSQL database cluster dump\n--\nSELECT 1;\n"), ("003_x.sql", "--\n-- PostgreSQL database cluster dump\n--\n")).WriteTo(root);
        Assert.Equal(["002_cluster.sql", "003_x.sql"], MigrationFolder.Open(root).Files.Where(f => f.Doubt is not null).Select(f => f.Name));
    }

    [Fact]
    public void Files_with_the_same_date_and_the_same_object_are_reported_as_doubtful()
    {
        Write("20240101_create_users.sql|20240101_drop_user.sql");
        Assert.All(MigrationFolder.Open(root).Files, f => Assert.NotNull(f.Doubt));
    }

    [Fact]
    public void Unnumbered_files_that_undo_or_remove_everything_are_listed_but_not_run()
    {
        Write("a.sql|b.sql|rollback.sql|down.sql|uninstall.sql|delete_all.sql|wipe.sql");
        Assert.Equal(["a.sql", "b.sql"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
        Assert.Equal(["delete_all.sql", "down.sql", "rollback.sql", "uninstall.sql", "wipe.sql"], MigrationFolder.Open(root).Files.Where(f => f.NotRun is not null).Select(f => f.Name));
    }

    private void Write(string names) => new MigrationLayout("", [.. names.Split('|').Select(n => (n, "SELECT 1;"))]).WriteTo(root);
}
