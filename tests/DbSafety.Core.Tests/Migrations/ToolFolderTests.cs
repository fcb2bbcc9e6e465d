using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Folders of tools that look like something else.</summary>
public sealed class ToolFolderTests : IDisposable
{
    private const string Plan = "%project=x\n\na 2024-01-01T00:00:00Z x <x@x>\n";

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-folders-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_down_file_that_node_pg_migrate_would_also_run_is_refused()
    {
        Write(("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.up.sql", "SELECT 1;"), ("migrations/1704067200000_a.down.sql", "SELECT 2;"));
        foreach (var read in new Action[] { () => MigrationFolder.Open(root), () => MigrationFolder.OpenForCommand(Path.Combine(root, "migrations")) })
        {
            var error = Assert.Throws<DbSafetyException>(read);
            Assert.Equal("DBS485", error.Code);
            Assert.Contains("1704067200000_a.down.sql", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("CREATE TABLE a (id int);\n-- Down Migration\nDROP TABLE a;\n", 2)]
    [InlineData("\n---- DOWN  migration\nDROP TABLE a;\n", 2)]
    [InlineData("SELECT 1;\n\n  -- down migration: undo\n-- more\nDROP TABLE a", 3)]
    public void A_Down_Migration_section_that_node_pg_migrate_would_run_is_refused(string text, int line)
    {
        Write(("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.sql", text));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS485", error.Code);
        Assert.Contains($"1704067200000_a.sql line {line}", error.Message, StringComparison.Ordinal);
        Assert.Contains("-- Up Migration", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE a (id int);\n-- Down Migration\n-- nothing\n", "CREATE TABLE a (id int);\n-- Down Migration\n-- nothing\n")]
    [InlineData("-- Up Migration\nSELECT 1;\n-- Down Migration\nDROP TABLE a;\n", "-- Up Migration\nSELECT 1;")]
    [InlineData("-- Down Migration\nDROP TABLE a;\n-- Up Migration\nSELECT 1;\n", "-- Up Migration\nSELECT 1;")]
    public void Only_the_part_that_node_pg_migrate_runs_is_read(string text, string read)
    {
        Write(("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.sql", text));
        Assert.Equal(read.Trim(), Assert.Single(MigrationFolder.Open(root).Files).Text.Trim());
    }

    [Theory]
    [InlineData("1_a.up.sql", "1_a.down.sql", "SELECT 1;")]
    [InlineData("1_a.sql", "1_a.md", "-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE a;")]
    [InlineData("1_a.sql", "1_a.md", "-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP TABLE a;")]
    [InlineData("V1__a.sql", "U1__a.sql", "SELECT 1;")]
    public void Only_the_up_part_of_the_files_of_another_tool_is_read_next_to_atlas_sum(string file, string undo, string text)
    {
        Write(("migrations/atlas.sum", "h1:0\n"), ("migrations/" + file, text), ("migrations/" + undo, "DROP TABLE a;"));
        var folder = MigrationFolder.Open(root);
        Assert.Equal(file, Assert.Single(folder.Files).Name);
        Assert.DoesNotContain("DROP", folder.Files[0].Text, StringComparison.Ordinal);
        Assert.Contains(folder.Tool!.Histories, h => h.Schema == "atlas_schema_revisions");
        Assert.NotEqual("Atlas", folder.Tool.Name);
    }

    [Theory]
    [InlineData("[core]\n\tengine = pg\n[engine \"sqlite\"]\n\ttop_dir = lite\n[engine \"pg\"]\n\ttop_dir = db\n", "db/sqitch.plan", "db/deploy/a.sql")]
    [InlineData("[core]\n\tengine = pg\n\tplan_file = db/plan.txt\n", "db/plan.txt", "deploy/a.sql")]
    [InlineData("[core]\n\tengine = pg\n\tdeploy_dir = \"dep\" ; there\n\textension = ddl\n", "sqitch.plan", "dep/a.ddl")]
    [InlineData("[core]\nengine=pg\n[engine \"pg\"]\ntarget=prod\n[target \"prod\"]\nuri = db:pg:shop\ntop_dir=db\n[target \"old\"]\ntop_dir=lite\n", "db/sqitch.plan", "db/deploy/a.sql")]
    public void The_sqitch_plan_and_scripts_are_read_from_the_paths_that_sqitch_conf_sets_for_PostgreSQL(string config, string plan, string script)
    {
        Write(("sqitch.conf", config), (plan, Plan), (script, "SELECT 1;"), ("lite/sqitch.plan", Plan), ("lite/deploy/a.sql", "SELECT 2;"));
        var file = Assert.Single(MigrationFolder.Open(root).Files);
        Assert.Equal(("a", script), (file.Name, file.RelativePath));
        Assert.Equal("SELECT 1;", file.Text);
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, "lite"))).Code);
    }

    [Theory]
    [InlineData("[core]\nengine = sqlite\n")]
    [InlineData("[core]\nengine = pg\nreworked_dir = old\n")]
    [InlineData("[core]\nengine = pg\nwhat is this?\n")]
    public void Unsupported_settings_in_sqitch_conf_are_refused(string config)
    {
        Write(("sqitch.conf", config), ("sqitch.plan", Plan), ("deploy/a.sql", "SELECT 1;"));
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void A_sqitch_configuration_for_another_database_system_does_not_affect_other_folders()
    {
        Write(("sqitch.conf", "[core]\nengine = sqlite\n"), ("sqitch.plan", Plan), ("sql/001_a.sql", "SELECT 1;"));
        Assert.Equal(MigrationSource.Sql, MigrationFolder.Open(Path.Combine(root, "sql")).Source);
    }

    [Fact]
    public void Files_whose_names_a_tool_ignores_are_not_pending()
    {
        Write(("Cargo.toml", "sqlx"), ("migrations/1_a.sql", "SELECT 1;"), ("migrations/3.sql", "SELECT 1;"), ("migrations/20240102-b.sql", "SELECT 1;"));
        Assert.Equal(["1_a.sql"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    [Fact]
    public void Files_whose_names_Supabase_ignores_are_not_pending()
    {
        Write(("supabase/config.toml", "x"), ("supabase/migrations/20240101000000_a.sql", "SELECT 1;"), ("supabase/migrations/20240102000000-b.sql", "SELECT 1;"), ("supabase/migrations/20240103.sql", "SELECT 1;"));
        Assert.Equal(["20240101000000_a.sql"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    [Fact]
    public void Change_sets_that_Liquibase_skips_on_PostgreSQL_are_not_pending()
    {
        Write(("changelog.xml", "<databaseChangeLog><!-- <include file=\"old.sql\"/> --><include file=\"a.sql\"/></databaseChangeLog>"), ("old.sql", "--liquibase formatted sql\n--changeset me:0\nSELECT 0;\n"),
            ("a.sql", "--liquibase formatted sql\n--changeset me:1 dbms:mysql\nSELECT 1;\n--changeset me:2 ignore:true\nSELECT 2;\n--changeset me:3 dbms:postgresql,h2\nSELECT 3;\n--changeset me:4 dbms:!oracle\nSELECT 4;\n"));
        Assert.Equal(["a.sql::3::me", "a.sql::4::me"], MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name));
    }

    [Theory]
    [InlineData("1_a.js", "const m = require('../lib/m'); module.exports = m('a');")]
    [InlineData("1_a.mjs", "export { up, down } from '../lib/m.js'")]
    public void Each_kind_of_program_that_node_pg_migrate_runs_is_refused(string file, string text)
    {
        Write(("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/" + file, text), ("migrations/2_b.sql", "SELECT 1;"));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS474", error.Code);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_in_the_goose_configuration_is_read()
    {
        Write((".env", "GOOSE_MIGRATION_DIR=./db/goose\n"), ("db/goose/00001_x.sql", "-- +goose Up\nSELECT 1;\n"), ("migrations/00001_a.sql", "-- +goose Up\nSELECT 2;\n"));
        Assert.Equal("00001_x.sql", Assert.Single(MigrationFolder.Open(root).Files).Name);
    }

    [Fact]
    public void A_file_with_several_change_sets_is_one_input_file_of_a_command()
    {
        Write(("liquibase.properties", "changeLogFile=changelog.sql\n"), ("changelog.sql", "--liquibase formatted sql\n--changeset x:1\nSELECT 1;\n--changeset x:2\nSELECT 2;\n"));
        var folder = MigrationFolder.Open(root);
        Assert.Equal(["changelog.sql::1::x", "changelog.sql::2::x"], folder.Files.Select(f => f.Name));
        Assert.Equal("changelog.sql", Assert.Single(CommandInput.Of(folder).Files.Keys));
    }

    [Theory]
    [InlineData("a.sql", "--liquibase formatted sql\n--changeset x:1\nSELECT 1;\n--changeset x:1\nSELECT 2;\n", "a.sql::1::x")]
    [InlineData("sqitch.plan", Plan + "a 2024-01-02T00:00:00Z x <x@x>\n", "migration a")]
    public void Two_migrations_with_the_same_name_are_refused_and_the_name_is_reported(string file, string text, string name)
    {
        Write((file, text), ("deploy/a.sql", "SELECT 1;"));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS477", error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("db/one")]
    [InlineData("db/two")]
    public void All_dbmate_folders_are_read_in_one_order_from_every_starting_folder(string from)
    {
        Write((".env", "DBMATE_MIGRATIONS_DIR=\"./db/one, ./db/two\"\n"), ("db/one/1_a.sql", "-- migrate:up\nSELECT 1;\n"), ("db/two/2_b.sql", "-- migrate:up\nSELECT 1;\n"), ("db/one/3_c.sql", "-- migrate:up\nSELECT 1;\n"));
        var folder = MigrationFolder.Open(Path.Combine(root, from));
        Assert.Equal(["1_a.sql", "2_b.sql", "3_c.sql"], folder.Files.Select(f => f.Name));
        Assert.Equal(["1_a.sql", "2_b.sql", "3_c.sql"], ScriptFolder.Find(Path.Combine(root, from)).Select(s => Path.GetFileName(s.File)));
    }

    [Fact]
    public void Missing_or_conflicting_dbmate_folders_are_refused()
    {
        Write((".env", "DBMATE_MIGRATIONS_DIR=./db/one,./db/two\n"), ("db/one/1_a.sql", "-- migrate:up\nSELECT 1;\n"));
        Assert.Contains(Path.Combine(root, "db/two"), Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Message, StringComparison.Ordinal);
        Write(("db/two/1_a.sql", "-- migrate:up\nSELECT 1;\n"));
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("migrations/default")]
    public void A_Hasura_migration_that_is_not_SQL_is_refused_and_named(string from)
    {
        Write(("config.yaml", "endpoint: x\n"), ("migrations/default/1_a/up.sql", "SELECT 1;"), ("migrations/default/2_b/up.yaml", "- type: run_sql\n"));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, from)));
        Assert.Equal("DBS474", error.Code);
        Assert.Contains("2_b/up.yaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_down_folder_is_never_a_migrations_folder()
    {
        Write(("up/001_a.sql", "SELECT 1;"), ("down/001_a.sql", "DROP TABLE a;"));
        Assert.Equal("DBS410", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, "down"))).Code);
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Contains("migrations in up", error.Message, StringComparison.Ordinal);
        Assert.Single(MigrationFolder.Open(Path.Combine(root, "up")).Files);
    }

    [Fact]
    public void A_text_version_matches_only_the_file_with_exactly_that_version()
    {
        Write(("db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n"), ("db/migrations/01_b.sql", "-- migrate:up\nSELECT 1;\n"), ("db/migrations/001_a.sql", "-- migrate:up\nSELECT 1;\n"));
        Assert.Equal(["1_a.sql"], ToolHistories.Named(new HistoryRow("1", null, "applied", null), MigrationFolder.Open(root).Files).Select(f => f.Name));
    }

    [Fact]
    public void A_byte_order_mark_before_the_dbmate_marker_is_refused()
    {
        Write(("db/migrations/1_a.sql", "\uFEFF-- migrate:up\nSELECT 1;\n"));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal("DBS477", error.Code);
        Assert.Contains("1_a.sql", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("knexfile.js", "module.exports = { migrations: { directory: './src/db/migs' } }", "Knex", "npx knex migrate:latest")]
    [InlineData(".sequelizerc", "x", "Sequelize", "npx sequelize-cli db:migrate")]
    [InlineData("alembic.ini", "[alembic]\nscript_location = app/db\n", "Alembic", "alembic upgrade head")]
    [InlineData("manage.py", "from django.core.management import execute_from_command_line", "Django", "python manage.py migrate")]
    [InlineData("src/data-source.ts", "import { DataSource } from 'typeorm'", "TypeORM", "npx typeorm migration:run")]
    public void The_error_for_a_project_whose_migrations_are_programs_names_the_tool(string file, string text, string tool, string command)
    {
        Write((file, text));
        foreach (var error in new[] { Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)), Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root)) })
        {
            Assert.Equal("DBS488", error.Code);
            Assert.Contains(tool, error.Message, StringComparison.Ordinal);
            Assert.Contains($"--command '{command}'", error.Hint, StringComparison.Ordinal);
        }

        Assert.Equal(tool, MigrationFolder.OpenForCommand(root).Tool?.Name);
        Write(("001_a.sql", "SELECT 1;"));
        Assert.Equal(MigrationSource.Sql, MigrationFolder.Open(root).Source);
    }

    [Fact]
    public void Only_the_PostgreSQL_files_of_several_database_systems_are_run()
    {
        Write(("001_a.mysql.sql", "SELECT 1;"), ("001_a.postgres.sql", "SELECT 2;"), ("001_a.sqlite3.sql", "SELECT 3;"), ("002_b.sql", "SELECT 4;"), ("003_c.mssql.sql", "SELECT 5;"));
        var files = MigrationFolder.Open(root).Files;
        Assert.Equal(["001_a.postgres.sql", "002_b.sql"], files.Where(f => !f.IsUnlisted && f.Doubt is null).Select(f => f.Name));
        Assert.Equal(["001_a.postgres.sql", "002_b.sql"], ScriptFolder.Find(root).Select(f => f.File));
        Assert.All(files.Where(f => f.IsUnlisted), f => Assert.Contains("a database system other than PostgreSQL", f.NotRun, StringComparison.Ordinal));
        Assert.Equal(3, files.Count(f => f.IsUnlisted));
    }

    [Theory]
    [InlineData("master.yaml", "databaseChangeLog:\n  - include:\n      file: a.sql\n  - include:\n      relativeToChangelogFile: true\n      file: sub/changes.yaml\n  - include:\n      file: z.sql\n")]
    [InlineData("master.xml", "<databaseChangeLog><include file=\"a.sql\"/><include relativeToChangelogFile=\"true\" file=\"sub/changes.yaml\"/><!-- <include file=\"no.sql\"/> --><include file=\"classpath:z.sql\"/></databaseChangeLog>")]
    [InlineData("master.json", "{\"databaseChangeLog\": [{\"include\": {\"file\": \"a.sql\"}}, {\"includeAll\": {\"path\": \"sub\"}}, {\"include\": {\"file\": \"z.sql\"}}]}")]
    public void Nested_Liquibase_changelogs_are_read_in_include_order(string changelog, string text)
    {
        var set = (string id) => $"-- liquibase formatted sql\n-- changeset me:{id}\nSELECT 1;\n";
        Write((changelog, text), ("a.sql", set("1")), ("z.sql", set("3")), ("no.sql", set("9")), ("sub/changes.yaml", "databaseChangeLog:\n  # - include: {file: ../no.sql}\n  - include:\n      file: b.sql\n      relativeToChangelogFile: true\n"), ("sub/b.sql", set("2")));
        Assert.Equal(["a.sql::1::me", "sub/b.sql::2::me", "z.sql::3::me"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("databaseChangeLog:\n  - include:\n      file: gone.sql\n", "DBS477", "gone.sql")]
    [InlineData("databaseChangeLog:\n  - include:\n      other: x\n", "DBS477", "changelog.yaml")]
    [InlineData("databaseChangeLog:\n  - include:\n      file: sub/changes.yaml\n", "DBS474", "sub/changes.yaml")]
    public void A_Liquibase_include_that_cannot_be_read_is_refused_and_named(string text, string code, string named)
    {
        Write(("changelog.yaml", text), ("a.sql", "-- liquibase formatted sql\n-- changeset me:1\nSELECT 1;\n"), ("sub/changes.yaml", "databaseChangeLog:\n  - changeSet:\n      id: 1\n"));
        var error = Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root));
        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Drizzle_migrations_later_than_the_last_applied_migration_are_pending_in_any_journal_order()
    {
        Write(("drizzle/meta/_journal.json", """{"dialect":"postgresql","entries":[{"when":2000,"tag":"0001_b"},{"when":1000,"tag":"0000_a"},{"when":1500,"tag":"0002_c"},{"when":500,"tag":"0003_late"}]}"""),
            ("drizzle/0000_a.sql", "SELECT 1;"), ("drizzle/0001_b.sql", "SELECT 2;"), ("drizzle/0002_c.sql", "SELECT 3;"), ("drizzle/0003_late.sql", "SELECT 4;"));
        Assert.Equal("0001_b Pending, 0000_a Applied, 0002_c Pending, 0003_late OutOfOrder", States(new DrizzleRow("1", Hash("drizzle", "0000_a"), 1000, null, null)));
    }

    [Fact]
    public void A_Drizzle_folder_renamed_after_it_ran_is_reported_as_modified()
    {
        Write(("drizzle/20240101000000_a/migration.sql", "SELECT 1;"), ("drizzle/20240101000000_a/snapshot.json", "{}"), ("drizzle/20240105000000_b/migration.sql", "SELECT 2;"), ("drizzle/20240105000000_b/snapshot.json", "{}"));
        Assert.Equal("20240101000000_a Applied, 20240105000000_b Modified", States(
            new DrizzleRow("1", Hash("drizzle", "20240101000000_a"), 1704067200000, "20240101000000_a", null), new DrizzleRow("2", Hash("drizzle", "20240105000000_b"), 1704153600000, "20240102000000_b", null)));
    }

    private string Hash(string folder, string name) => MigrationFolder.Open(Path.Combine(root, folder)).Files.Single(f => f.Name == name).Checksum!;

    private string States(params DrizzleRow[] rows)
    {
        var folder = MigrationFolder.Open(Path.Combine(root, "drizzle"));
        return string.Join(", ", MigrationStates.Combine(folder, DrizzleMatching.Match(folder.Drizzle!.Layout, folder.Files, rows), []).Select(s => $"{s.Name} {s.State}"));
    }

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
