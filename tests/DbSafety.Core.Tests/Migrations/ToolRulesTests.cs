using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Files that are read as their own tool does, whatever another would take them for.</summary>
public sealed class ToolRulesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-rules-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Files (with a text after a colon), and the names in order. In texts, ~ is a blank.</summary>
    [Theory]
    [InlineData("db/migrations/2_scale_down.sql:--migrate:up db/migrations/10_b.sql:--migrate:up db/migrations/1_a.sql:--migrate:up", "10_b.sql 1_a.sql 2_scale_down.sql")]
    [InlineData("supabase/config.toml:x supabase/migrations/1_a.sql:x supabase/migrations/2_scale-down.sql:x", "1_a.sql 2_scale-down.sql")]
    [InlineData("migrations/atlas.sum:x migrations/1_undo.sql:x migrations/2_b.sql:x", "1_undo.sql 2_b.sql")]
    [InlineData(".gmrc:{} migrations/committed/000001-a.sql:x migrations/committed/000002-scale-down.sql:x migrations/committed/000003-c.sql:x", "000001-a.sql 000002-scale-down.sql 000003-c.sql")]
    [InlineData(".gmrc:{\"migrationsFolder\":\"db\"} db/committed/000001-a.sql:x migrations/committed/000001-stale.sql:x", "000001-a.sql")]
    [InlineData(".env:DBMATE_MIGRATIONS_DIR=sql sql/1_a.sql:--migrate:up db/migrations/1_stale.sql:--migrate:up", "1_a.sql")]
    [InlineData("package.json:{\"node-pg-migrate\":1} migrations/1735689600000_b.sql:x migrations/20240101000000000_a.sql:x", "20240101000000000_a.sql 1735689600000_b.sql")]
    [InlineData("package.json:{\"node-pg-migrate\":1} migrations/01_c.sql:x migrations/1_b.sql:x migrations/1_a.sql:x migrations/1-a2.sql:x migrations/1_a10.sql:x", "1-a2.sql 1_a10.sql 1_a.sql 1_b.sql 01_c.sql")]
    [InlineData("package.json:{\"node-pg-migrate\":1} config/default.json:{\"db\":{\"migrations-dir\":\"db/m\"}} db/m/1_a.sql:x migrations/1_stale.sql:x", "1_a.sql")]
    [InlineData("database.json:{} .db-migraterc:{\"migrations-dir\":\"./db/m\"} db/m/1-a.js:exports.up=db=>db.runSql(fs.readFileSync('sqls/1-a-up.sql')) db/m/sqls/1-a-up.sql:x migrations/1-stale.js:x migrations/sqls/1-stale-up.sql:x", "1-a")]
    [InlineData("database.json:{} .db-migraterc:migrations-dir=db/m db/m/1-a.js:exports.up=db=>db.runSql(fs.readFileSync('sqls/1-a-up.sql')) db/m/sqls/1-a-up.sql:x migrations/1-stale.js:x migrations/sqls/1-stale-up.sql:x", "1-a")]
    [InlineData("sqitch.conf:[core]\ntop_dir=db db/sqitch.plan:%project=x\n\na\n db/deploy/a.sql:x", "a")]
    [InlineData("hasura.md:x config.yaml:endpoint=1\nmigrations_directory:\"sql\" sql/default/1_a/up.sql:x", "1_a")]
    [InlineData("dbconfig.yml:test:\n~dir:~t\ndevelopment:\n~dialect:~postgres\n~dir:~db/m\n db/m/1_a.sql:x migrations/1_stale.sql:x", "1_a.sql")]
    [InlineData("diesel.toml:[migrations_directory]\ndir=\"db/m\" db/m/1_a/up.sql:x migrations/1_stale/up.sql:x", "1_a")]
    [InlineData("diesel.toml:x migrations/2025-01-01-000000_b/up.sql:x migrations/20240102000000_a/up.sql:x migrations/2_c/up.sql:x migrations/10_d/up.sql:x", "10_d 2_c 20240102000000_a 2025-01-01-000000_b")]
    [InlineData("go.mod:golang-migrate/migrate migrations/1_a.up.sql:x migrations/1_a.down.sql:x migrations/4-x.up.sql:x migrations/5_x.up.pgsql:x", "1_a.up.sql 5_x.up.pgsql")]
    [InlineData("Cargo.toml:refinery migrations/V1__a.sql:x migrations/U2__b.sql:x", "V1__a.sql U2__b.sql")]
    [InlineData("changelog.yaml:-include:{file:data.sql}-include:{file:zz.sql}-include:{file:a.sql} a.sql:--liquibase_formatted_sql data.sql:x zz.sql:x other.sql:x", "data.sql::raw::includeAll zz.sql::raw::includeAll a.sql")]
    public void The_tool_determines_the_order_and_selection_of_files(string files, string names)
    {
        foreach (var file in files.Split(' '))
        {
            var at = file.IndexOf(':', StringComparison.Ordinal);
            new MigrationLayout("", (file[..at], file[(at + 1)..].Replace('~', ' ').Replace('_', file.Contains("formatted", StringComparison.Ordinal) ? ' ' : '_'))).WriteTo(root);
        }

        Assert.Equal(names, string.Join(' ', MigrationFolder.Open(root).Files.Where(f => !f.IsLeftOut).Select(f => f.Name)));
    }

    [Theory]
    [InlineData("sqitch.plan", "%project=x\n\na\n", "deploy/a.sql")]
    [InlineData(".gmrc", "{}", "migrations/committed/000001-a.sql")]
    [InlineData("Cargo.toml", "sqlx", "migrations/1_a.sql")]
    [InlineData("supabase/config.toml", "x", "supabase/migrations/1_a.sql")]
    public void Markers_of_another_tool_hide_no_statements(string sign, string text, string script)
    {
        new MigrationLayout("", (sign, text), (script, "CREATE TABLE a ();\n-- Down migration: see elsewhere\nDROP TABLE keep;\n")).WriteTo(root);
        Assert.Contains("DROP TABLE keep", MigrationFolder.Open(root).Files.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- Down\n-- Drop the users table\nDROP TABLE users;")]
    [InlineData("-- Down\n-- with care\nDROP TABLE users;")]
    [InlineData("-- Roll back\nDROP TABLE users;")]
    [InlineData("-- +dbmigrate Down\nDROP TABLE users;")]
    public void A_rollback_section_is_never_run_whatever_comment_follows_its_marker(string part)
    {
        new MigrationLayout("", ("001_a.sql", "CREATE TABLE users ();\n" + part)).WriteTo(root);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void A_script_that_is_not_UTF_8_is_refused_in_migration_folders_and_script_folders()
    {
        File.WriteAllBytes(Path.Combine(root, "001_a.sql"), [.. "SELECT 1;\n'"u8, 0xFC, .. "';"u8]);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root).Files.Single().Text);
        Assert.Equal("DBS479", error.Code);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Equal("DBS479", Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root).Single().Open()).Code);
    }

    [Fact]
    public void The_extension_of_a_script_can_be_upper_case()
    {
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), ("002_b.SQL", "SELECT 2;"), ("003_c.sql", "SELECT 3;")).WriteTo(root);
        Assert.Equal(["001_a.sql", "002_b.SQL", "003_c.sql"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("001_a.downgrade.sql")]
    [InlineData("001_a.d.sql")]
    [InlineData("001-down-a.sql")]
    [InlineData("001_a_reverse.sql")]
    public void A_file_that_undoes_another_file_is_not_run(string name)
    {
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), (name, "SELECT 2;")).WriteTo(root);
        Assert.DoesNotContain(MigrationFolder.Open(root).Files, f => f.Name == name && !f.IsUnlisted);
    }

    [Fact]
    public void A_symbolic_link_to_a_Prisma_migration_is_not_another_migration()
    {
        new MigrationLayout("", ("migrations/20240101_a/migration.sql", "SELECT 1;")).WriteTo(root);
        Directory.CreateSymbolicLink(Path.Combine(root, "migrations", "latest"), "20240101_a");
        Assert.Equal(["20240101_a"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    /// <summary>Names, separated by "|"; a text for all.</summary>
    [Theory]
    [InlineData("001_a.sql|002_pro.sql|002_pro.downgrade.sql|002_pro.backward.sql|002_pro.dn.sql", "001_a.sql 002_pro.sql")]
    [InlineData("001_a.sql|undo_001_a.sql|001_undo_a.sql|001-a-revert.sql|rollback_001.sql", "001_a.sql")]
    [InlineData("003_scale_up.sql|003_scale_down.sql|011_install.sql|011_uninstall.sql", "003_scale_up.sql 011_install.sql")]
    [InlineData("001_a.sql|002_scale_down.sql|004_down_payment.sql", "001_a.sql 002_scale_down.sql 004_down_payment.sql")]
    [InlineData("001_h.sql|001_h copy.sql|001_h (1).sql|001_h.orig.sql|001_h_OLD.sql|._001_h.sql|001_h.sql.bak", "001_h.sql")]
    [InlineData("001_a.sql|R__v.sql|002_b.sql", "001_a.sql 002_b.sql")]
    [InlineData("._v1_a.sql|v1_a.sql|v2_b.sql|v10_c.sql|seed_users.sql", "v1_a.sql v2_b.sql v10_c.sql")]
    [InlineData("a.sql|b.sql|._a.sql|seed_users.sql|users_seed.sql|prod-dump.sql|pg_dump.sql|backup_users.sql|drop_tables.sql|reset_db.sql|schema_v2.sql", "a.sql b.sql")]
    [InlineData("1_1_a.sql|1_2_b.sql|1_10_c.sql|3_i.sql|001a_x.sql|001b_y.sql", "001a_x.sql 001b_y.sql 1_1_a.sql 1_2_b.sql 1_10_c.sql 3_i.sql")]
    [InlineData("20231231235959_d.sql|20240101_e.sql|2024-2-1_f.sql|20240201120000_x.sql|2024-12-1_g.sql", "20231231235959_d.sql 20240101_e.sql 2024-2-1_f.sql 20240201120000_x.sql 2024-12-1_g.sql")]
    public void Forward_plain_SQL_files_are_run_in_the_order_of_their_numbers(string names, string run)
    {
        new MigrationLayout("", [.. names.Split('|').Select(n => (n, "SELECT 1;"))]).WriteTo(root);
        Assert.Equal(run, string.Join(' ', MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted && f.Doubt is null).Select(f => f.Name)));
        Assert.Equal(run, string.Join(' ', ScriptFolder.Find(root).Where(f => !f.IsUndo).Select(f => f.File)));
    }

    [Theory]
    [InlineData("001_a.sql|001_a_zurueck.sql|002_b.sql", "001_a.sql 001_a_zurueck.sql")]
    [InlineData("001_a.sql|001_b.sql", "001_a.sql 001_b.sql")]
    [InlineData("20240101_a.sql|20240101_a_weg.sql|20240101_b.sql", "20240101_a.sql 20240101_a_weg.sql")]
    [InlineData("001_a.sql|20240601_prod_dump.sql|2024-06-01-backup.sql|099_seed.sql|000_reset.sql|003_backup_table.sql", "000_reset.sql 099_seed.sql 2024-06-01-backup.sql 20240601_prod_dump.sql")]
    public void A_file_that_is_possibly_not_a_migration_is_reported_and_not_run(string names, string doubtful)
    {
        new MigrationLayout("", [.. names.Split('|').Select(n => (n, "SELECT 1;"))]).WriteTo(root);
        var folder = MigrationFolder.Open(root);
        Assert.Equal(doubtful, string.Join(' ', folder.Files.Where(f => f.Doubt is not null).Select(f => f.Name)));
        Assert.All(MigrationStates.Combine(folder, [], []).Where(s => doubtful.Split(' ').Contains(s.Name)), s => Assert.Contains("so it is not run", s.Note, StringComparison.Ordinal));
    }

    [Fact]
    public void A_dump_is_detected_by_its_first_lines_unless_it_is_the_first_migration()
    {
        const string dump = "--\n-- PostgreSQL database dump\n--\nSELECT 1;\n";
        new MigrationLayout("", ("001_init.sql", dump), ("002_b.sql", "SELECT 1;"), ("003_x.sql", dump)).WriteTo(root);
        Assert.Equal(["003_x.sql"], MigrationFolder.Open(root).Files.Where(f => f.Doubt is not null).Select(f => f.Name));
    }

    [Theory]
    [InlineData("0001.create.sql 0002.rename.py 0003.add.sql", "0002.rename.py")]
    [InlineData("001_a.sql 002_b.go", "002_b.go")]
    [InlineData("20240101_a.sql 20240102_b.js", "20240102_b.js")]
    public void Numbered_SQL_files_that_include_a_program_are_refused_and_the_program_is_named(string names, string program)
    {
        new MigrationLayout("", [.. names.Split(' ').Select(n => (n, "x"))]).WriteTo(root);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS410", error.Code);
        Assert.Contains(program, error.Message, StringComparison.Ordinal);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root)).Code);
    }

    [Fact]
    public void Files_with_another_extension_are_reported()
    {
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), ("002_b.pgsql", "SELECT 1;"), ("003_c.psql", "SELECT 1;")).WriteTo(root);
        Assert.Equal(["002_b.pgsql", "003_c.psql"], MigrationFolder.Open(root).Files.Where(f => f.NotRun is not null).Select(f => f.Name));
    }

    [Fact]
    public void An_unnumbered_file_next_to_up_and_down_folders_is_not_a_migration()
    {
        new MigrationLayout("", ("base.sql", "SELECT 1;"), ("up/00001.sql", "SELECT 1;"), ("down/00000.sql", "SELECT 1;")).WriteTo(root);
        Assert.Equal("DBS401", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("-- name: down")]
    [InlineData("-- #region Down")]
    [InlineData("-- Down SQL goes here")]
    [InlineData("-- Down migration for users table")]
    [InlineData("-- Backout")]
    [InlineData("-- Uninstall")]
    [InlineData("/* DOWNGRADE */")]
    [InlineData("-- roll-back")]
    [InlineData("-- Rollback plan")]
    [InlineData("-- to undo, run:")]
    [InlineData("-- REVERSAL")]
    [InlineData("-- DOWNGRADE v2 to v1")]
    [InlineData("-- @DOWN@v1")]
    [InlineData("-- When rolling back")]
    [InlineData("-- SQL in this section is executed when the migration is rolled back.")]
    [InlineData("-- DOWN MIGRATION\n-----\n-- Delete everything created above")]
    public void A_comment_that_only_marks_a_rollback_starts_a_rollback_section(string mark)
    {
        new MigrationLayout("", ("001_a.sql", $"CREATE TABLE users ();\n{mark}\nDROP TABLE users;")).WriteTo(root);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root, MigrationSource.Sql));
        Assert.Contains("note:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE a ();\n-- Rollback: drop table z by hand\nCREATE TABLE b ();")]
    [InlineData("CREATE TABLE a ();\n--rollback drop table a;\nCREATE TABLE b ();")]
    [InlineData("CREATE TABLE a ();\n-- note: revert the change\nALTER TABLE a DROP COLUMN IF EXISTS d;")]
    [InlineData("CREATE TABLE a ();\n-- Down migration: see the wiki\nCREATE TABLE b ();")]
    public void A_comment_about_a_rollback_leaves_the_file_runnable(string text)
    {
        new MigrationLayout("", ("001_a.sql", text)).WriteTo(root);
        Assert.Equal(text, MigrationFolder.Open(root, MigrationSource.Sql).Files.Single().Text);
    }

    [Theory]
    [InlineData("db.runSql(fs.readFileSync(path.join(__dirname, 'sqls', '1-a-up.sql'), 'utf8'))", true)]
    [InlineData("db.runSql(fs.readFileSync('x', 'utf8')).then(() => db.dropTable('keep'))", false)]
    [InlineData("db.runSql('DROP TABLE keep')", false)]
    [InlineData("db['drop' + 'Table']('keep')", false)]
    public void A_db_migrate_program_that_does_more_than_run_its_script_is_refused(string body, bool isRead)
    {
        new MigrationLayout("", ("database.json", "{}"), ("migrations/1-a.js", $"// db-migrate: see dropTable()\nexports.up = db => {body}\nexports._meta = {{}}\n"), ("migrations/sqls/1-a-up.sql", "SELECT 1;")).WriteTo(root);
        if (isRead)
            Assert.Single(MigrationFolder.Open(root).Files);
        else
            Assert.Equal("DBS474", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("exports.up = db => run(db, '1-a-up.sql');\nexports.down = db => run(db, '1-a-down.sql');", true)]
    [InlineData("exports.up = db => run(db, '0-z-up.sql');\nexports.down = db => run(db, '0-z-down.sql');", false)]
    [InlineData("exports.up = db => run(db, '1-a-down.sql');\nexports.down = db => run(db, '1-a-up.sql');", false)]
    [InlineData("exports.down = db => run(db, '1-a-down.sql');\nexports.up = db => run(db, '1-a-up.sql');", true)]
    [InlineData("exports.up = db => run(db, '1-a-up.sql').then(() => run(db, '1-a-down.sql'));", false)]
    [InlineData("exports.up = db => run(db, process.argv[2]);", false)]
    public void A_db_migrate_program_that_loads_a_script_other_than_its_own_is_refused(string program, bool isRead)
    {
        new MigrationLayout("", ("database.json", "{}"), ("migrations/1-a.js", $"const run = (db, f) => db.runSql(fs.readFileSync(path.join(__dirname, 'sqls', f), 'utf8'));\n{program}\nexports._meta = {{}}\n"), ("migrations/sqls/1-a-up.sql", "SELECT 1;"), ("migrations/sqls/1-a-down.sql", "SELECT 2;")).WriteTo(root);
        if (isRead)
            Assert.Single(MigrationFolder.Open(root).Files);
        else
            Assert.Equal("DBS474", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("GO", "ALTER TABLE a ADD b int\nGO\nDROP TABLE a\nGO\n", 2)]
    [InlineData("\\n\\n\\n", "ALTER TABLE a ADD b int -- now\n\n\nDROP TABLE a\n\n\n", 2)]
    [InlineData("-- end", "ALTER TABLE a ADD b int\n-- end\nDROP TABLE a", 2)]
    [InlineData("GO", "ALTER TABLE CATEGORY ADD b int\nGO\n", 0)]
    [InlineData("//", "ALTER TABLE a ADD b int//\n", 0)]
    public void An_Atlas_script_is_split_at_its_delimiter_or_refused(string delimiter, string text, int statements)
    {
        new MigrationLayout("", ("atlas.sum", "h1:0"), ("1_a.sql", $"-- atlas:delimiter {delimiter}\n{text}")).WriteTo(root);
        var file = MigrationFolder.Open(root).Files.Single();
        if (statements > 0)
            Assert.Equal(statements, SqlSplitter.Split(file.Text).Count);
        else
            Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => file.Text).Code);
    }

    [Theory]
    [InlineData("atlas.sum", "1_a.sql", "-- atlas:txtar\n\n-- migration.sql --\nDROP TABLE a;\n")]
    [InlineData("x", "1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\nDROP TABLE ${T};\n")]
    [InlineData("tern.conf", "1_a.sql", "drop table {{.prefix}};\n---- create above / drop below ----\n")]
    public void A_script_that_only_its_tool_can_expand_is_refused(string sign, string name, string text)
    {
        new MigrationLayout("", (sign, ""), (name, text)).WriteTo(root);
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => string.Concat(MigrationFolder.Open(root).Files.Select(f => f.Text))).Code);
    }

    [Fact]
    public void Files_are_refused_where_the_yoyo_dependency_order_differs_from_the_name_order()
    {
        new MigrationLayout("", ("0001.a.sql", "-- depends: 0002.b\nSELECT 1;"), ("0002.b.sql", "SELECT 2;")).WriteTo(root);
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
        new MigrationLayout("", ("0001.a.sql", "SELECT 1;"), ("0002.b.sql", "-- depends: 0001.a\nSELECT 2;")).WriteTo(root);
        Assert.Equal(2, MigrationFolder.Open(root).Files.Count);
    }

    [Fact]
    public void Queries_of_sqlc_are_not_migrations()
    {
        new MigrationLayout("", ("query.sql", "-- name: Clear :exec\nTRUNCATE a;"), ("users.sql", "-- name: DeleteUsers :exec\nDELETE FROM users;")).WriteTo(root);
        Assert.Contains("sqlc", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Message, StringComparison.Ordinal);
        new MigrationLayout("", ("001_a.sql", "SELECT 1;"), ("002_query.sql", "-- name: Clear :exec\nTRUNCATE a;")).WriteTo(root);
        Assert.Equal("002_query.sql", Assert.Single(MigrationFolder.Open(root).Files, f => f.Doubt is not null).Name);
    }

    /// <summary>Files, and the one that would be skipped.</summary>
    [Theory]
    [InlineData("001_a.sql|002_b.sql|V3__c.sql", "001_a.sql, 002_b.sql")]
    [InlineData("20240101_a.sql|V2__c.sql", "20240101_a.sql")]
    [InlineData("V1__a.sql|V2__b.sql|U2__b.sql|002_c.sql", "002_c.sql")]
    [InlineData("V1__a.sql|v3__d.sql", "v3__d.sql")]
    [InlineData("001_a.sql|002_b/up.sql|002_b/down.sql", "001_a.sql")]
    [InlineData("001_a.sql|002_b/migration.sql", "001_a.sql")]
    [InlineData("1_a.up.sql|1_a.down.sql|2_b.up.pgsql", "2_b.up.pgsql")]
    [InlineData("1_a.up.sql|1_a.down.sql|4_d.up.txt", "4_d.up.txt")]
    [InlineData("1_a.up.sql|1_a.down.sql|3_c.up.SQL", "3_c.up.SQL")]
    public void A_folder_with_mixed_file_name_formats_is_refused_where_some_files_would_be_skipped(string names, string skipped)
    {
        new MigrationLayout("", [.. names.Split('|').Select(n => (n, "SELECT 1;"))]).WriteTo(root);
        foreach (var error in new[] { Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)), Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root)) })
        {
            Assert.Equal("DBS491", error.Code);
            Assert.Contains(skipped, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(MigrationFolder.OpenForCommand(root).Files);
    }

    [Fact]
    public async Task Concurrent_removal_of_sibling_folders_does_not_fail_the_read()
    {
        new MigrationLayout("", ("project/db/1_a/up.sql", "SELECT 1;"), ("project/db/2_b/up.sql", "SELECT 1;")).WriteTo(root);
        using var stop = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var made = Enumerable.Range(0, 20).Select(i => Directory.CreateDirectory(Path.Combine(root, "project", $"migrations{i}", "below")).Parent!).ToList();
                made.ForEach(d => d.Delete(recursive: true));
            }
        });
        for (var i = 0; i < 200; i++)
            Assert.NotEqual("DBS211", (Record.Exception(() => MigrationFolder.Open(Path.Combine(root, "project", "db"))) as DbSafetyException)?.Code);
        await stop.CancelAsync();
        await others;
    }

    /// <summary>More than the names says whose folder it is: what it does not read is named.</summary>
    [Theory]
    [InlineData("migration_lock.toml|001_a.sql|20240102_b/migration.sql", "001_a.sql")]
    [InlineData("flyway.toml|sql/V1__a.sql|sql/002_b.sql", "002_b.sql")]
    [InlineData("flyway.toml|sql/V1__a.sql|sql/v3__d.sql", "v3__d.sql")]
    [InlineData("diesel.toml|migrations/1_a/up.sql|migrations/002_b.sql", "002_b.sql")]
    [InlineData("supabase/config.toml|supabase/migrations/20210101000000_init.sql|supabase/migrations/20240101000000_b.sql", "20210101000000_init.sql")]
    [InlineData("001_a.sql|002_b.txt", "002_b.txt")]
    [InlineData("001_a.sql|006_f.sql.j2", "006_f.sql.j2")]
    [InlineData("001_a.sql|010_j", "010_j")]
    [InlineData("001_a.sql|009_i.plsql", "009_i.plsql")]
    public void A_file_that_is_named_like_a_migration_and_is_not_run_is_reported(string names, string named)
    {
        new MigrationLayout("", [.. names.Split('|').Select(n => (n, n.EndsWith(".toml", StringComparison.Ordinal) ? "" : "SELECT 1;"))]).WriteTo(root);
        var folder = MigrationFolder.Open(root);
        Assert.Equal(named, Assert.Single(folder.Files, f => f.NotRun is not null).Name);
        Assert.Single(folder.Files, f => !f.IsUnlisted);
        Assert.Equal(MigrationState.Unlisted, MigrationStates.Combine(folder, [], []).Single(s => s.Name == named).State);
    }

    [Fact]
    public async Task A_test_without_a_database_reports_the_files_that_the_tool_does_not_read()
    {
        new MigrationLayout("", ("migration_lock.toml", ""), ("001_a.sql", "DROP TABLE users;"), ("20240102_b/migration.sql", "SELECT 1;")).WriteTo(root);
        var warnings = new List<string>();
        await new DbSafety.Migrations.AnalyseMigrations().RunAsync(new DbSafety.Migrations.MigrationTestRequest(root), new Listener(warnings), CancellationToken.None);
        Assert.Contains("001_a.sql is not run, and not analysed", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("001_a.sql|001_a.md|001_a.sql.bak|001_a.sql~|002_b.sql|003_diagram.png|README.md")]
    [InlineData("V1__a.sql|U1__a.sql|R__v.sql|README.md")]
    [InlineData("1_a.up.sql|1_a.down.sql|2_b.up.sql|2_b.up.sql.bak")]
    public void Notes_and_copies_next_to_migrations_are_not_reported(string names)
    {
        new MigrationLayout("", [.. names.Split('|').Select(n => (n, "SELECT 1;"))]).WriteTo(root);
        Assert.All(MigrationFolder.Open(root).Files, f => Assert.Null(f.NotRun));
    }

    [Fact]
    public void A_Hasura_config_v1_migration_that_is_not_SQL_is_refused()
    {
        new MigrationLayout("", ("1_a.up.sql", "SELECT 1;"), ("1_a.down.sql", "SELECT 1;"), ("2_b.up.yaml", "- type: run_sql")).WriteTo(root);
        Assert.Equal("DBS474", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void Cyclic_symbolic_links_are_not_followed()
    {
        new MigrationLayout("", ("sql/V1__a.sql", "SELECT 1;"), ("flyway.conf", ""), ("packages/db/x.sql", "SELECT 1;")).WriteTo(root);
        Directory.CreateSymbolicLink(Path.Combine(root, "sql", "self"), ".");
        Directory.CreateSymbolicLink(Path.Combine(root, "packages", "db", "loop"), "../..");
        Assert.Equal(["V1__a.sql"], MigrationFolder.Open(root).Files.Select(f => f.Name));
        Assert.Equal(2, ProjectFolders.FilesBelow(root, "*.sql").Count());
    }

    [Fact]
    public void An_Atlas_checkpoint_replaces_all_earlier_migrations_when_the_history_is_empty()
    {
        new MigrationLayout("", ("atlas.sum", "x"), ("1_a.sql", "SELECT 1;"), ("2_all.sql", "-- atlas:checkpoint\n\nSELECT 1;"), ("3_c.sql", "SELECT 1;")).WriteTo(root);
        var folder = MigrationFolder.Open(root);
        Assert.Equal("Unlisted Pending Pending", string.Join(' ', MigrationStates.Combine(folder, [], []).Select(s => s.State)));
        var first = new DbSafety.Migrations.Sources.HistoryEntry("1_a.sql", "1_a.sql", folder.Files[0].Checksum!, DateTimeOffset.UnixEpoch, null, null);
        Assert.Equal("Applied Unlisted Pending", string.Join(' ', MigrationStates.Combine(folder, [first], []).Select(s => s.State)));
    }

    private sealed class Listener(List<string> warnings) : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            if (operationEvent is MessageEvent { Level: MessageLevel.Warning } message)
                warnings.Add(message.Text);
        }
    }
}
